import { type Random, seeded } from '../data/random.ts'
import { isFloat } from '../ir/dtype.ts'
import type { Graph } from '../ir/graph.ts'
import type { Model } from '../ir/model.ts'
import { float32Tensor, floatsOf, numbersOf } from '../ir/numbers.ts'
import { type Tensor, tensorOf } from '../ir/tensor.ts'
import { graphsOf } from '../ir/walk.ts'
import type { TensorData } from '../observe/reducer.ts'
import type { Outputs } from '../runtime/session.ts'
import { closeness } from './closeness.ts'

/** Models with more float constants than this are not written a second time to find out how well they are conditioned. */
const mostBytes = 2 ** 30

/** How many times as far as its own last digits move it a model may be moved by a pass that only rounds otherwise. */
const allowance = 2

/** Where its own last digits move an output further than this share of its size, how far a pass moved it says nothing about the pass. */
const leastJudged = 0.01

/**
 * The model with every float32 constant moved to the next number above or below it, by the toss of a coin; what holds nothing but whole numbers
 * is not rounded (sizes, scales of a Resize, zero points, what Equal asks for) and stays. How far its outputs go from those of
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
  const floats = graph.initializers.filter(({ initializer }) => initializer?.ref.dtype === 'float32' && !isWhole(initializer))
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

const isWhole = (tensor: Tensor): boolean => floatsOf(tensor).every(Number.isInteger)

/**
 * How far outputs moved past what is allowed to rounding, where the model's own last digits move them as far: the farthest element, and all of them
 * together, because a jump of one element (a step of a quantized activation, another winner) excuses no other. `null` where they do not, where
 * they move them so far that nothing can be told, or where shapes hang on them.
 */
export function withinOwnRounding(reference: Outputs, candidate: Outputs, moved: Outputs): { found: number; own: number } | null {
  let worst = { found: 0, own: 0 }
  for (const [name, expected] of Object.entries(reference)) {
    const [output, other] = [candidate[name], moved[name]]
    if (output === undefined || other === undefined) return null
    if (closeness(expected, output, 'rounding').near) continue
    const [found, own] = [distance(expected, output), distance(expected, other)]
    if (found === null || own === null || own.rms > leastJudged * own.size) return null
    if (!(found.farthest <= allowance * own.farthest && found.rms <= allowance * own.rms)) return null
    if (found.farthest > worst.found) worst = { found: found.farthest, own: own.farthest }
  }
  return worst
}

interface Distance {
  readonly farthest: number
  /** Root of the mean square of the difference. */
  readonly rms: number
  /** Root of the mean square of the reference. */
  readonly size: number
}

/** How far floats are from their reference where both are finite; `null` for other types and shapes, and where only one is finite. */
function distance(reference: TensorData, tensor: TensorData): Distance | null {
  if (!isFloat(reference.dtype) || reference.dtype !== tensor.dtype || reference.dims.join() !== tensor.dims.join()) return null
  const [from, to] = [reference, tensor].map(({ dtype, dims, data }) => numbersOf(tensorOf(dtype, dims, data))) as [
    Float64Array,
    Float64Array,
  ]
  let [farthest, squares, size] = [0, 0, 0]
  for (let i = 0; i < from.length; i++) {
    const [x, y] = [from[i] as number, to[i] as number]
    if (Object.is(x, y) && !Number.isFinite(x)) continue
    if (!Number.isFinite(x) || !Number.isFinite(y)) return null
    farthest = Math.max(farthest, Math.abs(x - y))
    squares += (x - y) ** 2
    size += x ** 2
  }
  const count = Math.max(1, from.length)
  return { farthest, rms: Math.sqrt(squares / count), size: Math.sqrt(size / count) }
}
