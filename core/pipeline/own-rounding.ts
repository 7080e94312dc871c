import { type Random, seeded } from '../data/random.ts'
import { isFloat } from '../ir/dtype.ts'
import type { Graph } from '../ir/graph.ts'
import type { Model } from '../ir/model.ts'
import { float32Tensor, floatsOf } from '../ir/numbers.ts'
import { graphsOf } from '../ir/walk.ts'
import type { Outputs } from '../runtime/session.ts'
import { closeness } from './closeness.ts'

/** Models with more float constants than this are not written a second time to find out how well they are conditioned. */
const mostBytes = 2 ** 30

/** How many times as far as its own last digits move it a model may be moved by a pass that only rounds otherwise. */
const allowance = 2

/**
 * The model with every float32 constant moved to the next number above or below it, by the toss of a coin. How far its outputs go from those of
 * the model itself is how well it is conditioned (Higham, "Accuracy and Stability of Numerical Algorithms", 2002, section 1.6): what any other
 * order of the same sums may do to them too. `null` where there is nothing to move, or too much.
 */
export function nudged(model: Model): Model | null {
  const fork = model.fork()
  const random = seeded(7)
  let bytes = 0
  for (const graph of graphsOf(fork.graph)) bytes += nudgeConstants(graph, random, mostBytes - bytes)
  return bytes > 0 && bytes <= mostBytes ? fork : null
}

/** Returns how many bytes were moved, more than `most` where that is too few. */
function nudgeConstants(graph: Graph, random: Random, most: number): number {
  const floats = graph.initializers.filter(({ initializer }) => initializer?.ref.dtype === 'float32')
  const bytes = floats.reduce((sum, { initializer }) => sum + (initializer?.ref.length ?? 0), 0)
  if (bytes > most) return bytes
  for (const value of floats) {
    const { initializer } = value
    if (initializer === null) continue
    graph.setInitializer(
      value,
      float32Tensor(
        initializer.ref.dims,
        Float32Array.from(floatsOf(initializer), (number) => beside(number, random.next() < 0.5)),
      ),
    )
  }
  return bytes
}

const scratch = new DataView(new ArrayBuffer(4))

/** The next float32 away from zero, or towards it. Zero and what is not finite stay. */
function beside(number: number, outwards: boolean): number {
  if (number === 0 || !Number.isFinite(number)) return number
  scratch.setFloat32(0, number)
  scratch.setInt32(0, scratch.getInt32(0) + (outwards ? 1 : -1))
  const moved = scratch.getFloat32(0)
  return Number.isFinite(moved) ? moved : number
}

/** How far outputs moved past what is allowed to rounding, where the model's own last digits move them as far; `null` where they do not. */
export function withinOwnRounding(reference: Outputs, candidate: Outputs, moved: Outputs): { found: number; own: number } | null {
  let worst = { found: 0, own: 0 }
  for (const [name, expected] of Object.entries(reference)) {
    const [output, other] = [candidate[name], moved[name]]
    if (output === undefined || other === undefined) return null
    const { near, maxAbs: found, unequalSpecials } = closeness(expected, output, 'rounding')
    if (near) continue
    const own = closeness(expected, other, 'lossy').maxAbs
    if (!isFloat(expected.dtype) || unequalSpecials > 0 || !(found <= allowance * own)) return null
    if (found > worst.found) worst = { found, own }
  }
  return worst
}
