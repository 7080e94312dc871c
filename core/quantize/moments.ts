import { ProblemError } from '../api/problem.ts'
import type { Model } from '../ir/model.ts'
import { float32Tensor } from '../ir/numbers.ts'
import type { Value } from '../ir/value.ts'
import type { PassContext } from '../pass.ts'
import { NotDefinite } from './inverse-factor.ts'
import { inverseFactorBlocked } from './inverse-factor-blocked.ts'
import { notFiniteActivation } from './problems.ts'
import { runtimeProducts } from './products.ts'
import type { Workers } from './workers.ts'

export interface MomentRequest {
  /** Activations, and the length of their last axis. */
  readonly activations: ReadonlyMap<Value, number>
  /** Calibration samples that are looked at, at most. */
  readonly samples: number
  readonly damping: number
}

/** Bytes of second moments that one observation brings back; more activations take several runs over the samples. */
const mostBytes = 400e6

/** From this size on, blocks of it are factored faster by the runtime than the whole by one thread. */
const worthTheRuntime = 1024

/**
 * For every activation the factor R with R^T R = (X^T X + damping)^-1, from the calibration samples.
 * @throws ProblemError when there are none
 */
export async function inverseFactors(
  model: Model,
  { activations, samples, damping }: MomentRequest,
  { workers, context }: { workers: Workers; context: PassContext },
): Promise<ReadonlyMap<Value, Float32Array>> {
  const calibration = context.dataset?.calibration
  if (!calibration) throw noMomentSamples()
  const count = Math.min(samples, calibration.count)
  const table = { ...calibration, id: `${calibration.id}:${count}`, count }
  const factors = new Map<Value, Float32Array>()
  const products = runtimeProducts(context)
  for (const group of groupsOf(model, activations)) {
    const calls = group.flatMap(({ name }) => {
      const values = [{ session: 0, name }]
      return [
        { key: name, reducer: 'gram', values },
        { key: `finite:${name}`, reducer: 'finiteness', values },
      ]
    })
    const found = await context.observe(model, table, calls)
    const made = group.map(async (value) => {
      const { matrix, size } = found[value.name] as { matrix: Float64Array; size: number }
      const { nonFinite, elements } = found[`finite:${value.name}`] as { nonFinite: number; elements: number }
      if (nonFinite > 0) throw notFiniteActivation(value.name, nonFinite, elements)
      const moments = ofUnitSize(matrix, size)
      if (moments === null) throw beyondFloats(value.name)
      const factor =
        size < worthTheRuntime
          ? (await workers.run('inverse-factor', float32Tensor([size, size], moments), { size, damping })).values
          : await inverseFactorBlocked(moments, size, damping, products).catch(nullIfNotDefinite)
      if (factor === null) throw tooLittleDamping(value.name, damping)
      factors.set(value, inSharedMemory(factor))
    })
    await Promise.all(made)
  }
  return factors
}

/** GPTQ goes by the proportions of the moments: those of activations of any size then fit single precision. `null` where they are infinite. */
function ofUnitSize(matrix: Float64Array, size: number): Float32Array | null {
  let trace = 0
  for (let i = 0; i < size; i++) trace += matrix[i * size + i] as number
  if (!Number.isFinite(trace)) return null
  const mean = trace / size || 1
  return Float32Array.from(matrix, (moment) => moment / mean)
}

function nullIfNotDefinite(error: unknown): null {
  if (error instanceof NotDefinite) return null
  throw error
}

/** Only values of the main graph can be observed; weights in loops and branches are rounded without second moments. */
function groupsOf(model: Model, activations: ReadonlyMap<Value, number>): Value[][] {
  const groups: Value[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const [value, size] of activations) {
    if (value.graph !== model.graph) continue
    bytes += 8 * size * size
    if (bytes > mostBytes) {
      groups.push([])
      bytes = 8 * size * size
    }
    groups.at(-1)?.push(value)
  }
  return groups
}

/** Threads then read one copy. */
function inSharedMemory(values: Float32Array): Float32Array {
  const shared = new Float32Array(new SharedArrayBuffer(values.byteLength))
  shared.set(values)
  return shared
}

export const noMomentSamples = (): ProblemError =>
  new ProblemError({
    kind: 'input',
    code: 'no-calibration-data',
    what: 'GPTQ needs samples to see what activations meet the weights, and there are none',
    where: { path: 'calibration' },
    mend: 'Give a dataset with a `calibration` entry (--data), or use method rtn or hqq.',
  })

const tooLittleDamping = (tensor: string, damping: number): ProblemError =>
  new ProblemError({
    kind: 'input',
    code: 'damping-too-small',
    what: `With a damping of ${damping} the samples do not tell how to make up for the rounding of the weights that read an activation: they show too few of its directions`,
    where: { tensor, path: 'damping' },
    mend: 'Use more samples, a larger damping (0.05 is the default), or method rtn.',
  })

const beyondFloats = (tensor: string): ProblemError =>
  new ProblemError({
    kind: 'input',
    code: 'activation-too-large',
    what: 'An activation is so large on the calibration samples that its squares pass the range of float32',
    where: { tensor },
    mend: 'Check the samples and the model on them, use method rtn, or keep the nodes that read this value.',
  })
