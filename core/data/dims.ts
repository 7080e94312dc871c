import { isFloat } from '../ir/dtype.ts'
import type { InputSpec } from './columns.ts'

/** Sizes of symbolic dims by symbol: `{ sequence: 128 }`; those of open axes without a name under `unnamedAxis`. */
export type DimSizes = ReadonlyMap<string, number>

/** Stands for every open axis that has no name. */
export const unnamedAxis = '?'

/** Dims of one sample of an input. `whole`: the input has no axis of samples, a run takes exactly one. */
export interface SampleDims {
  readonly dims: readonly number[]
  readonly whole: boolean
}

const defaultLength = 64
/** Open axes of floats are signals more often than not, and too short ones are refused. */
const defaultSignal = 1024
const defaultImage = 224

/**
 * Dims of one sample of an input, symbols replaced by sizes. What has its samples along the first axis is without it; elsewhere a run takes one of them.
 * The time axis of a cache (`past...`) is 0 unless the model fixes it.
 * @param samples the axis that counts samples, `null` where there is none
 */
export function sampleDims(input: InputSpec, sizes: DimSizes, samples: number | null): SampleDims {
  const shape = input.shape ?? []
  const whole = samples !== 0
  const isCache = /^past/i.test(input.name)
  const dims = shape.map((dim, axis) => (axis === samples ? 1 : typeof dim === 'number' ? dim : isCache ? 0 : sizeOf(dim, input, sizes)))
  return { dims: whole ? dims : dims.slice(1), whole }
}

function sizeOf(dim: string | null, { dtype, shape }: InputSpec, sizes: DimSizes): number {
  const known = dim === null ? (sizes.get(unnamedAxis) ?? null) : evaluate(dim, sizes)
  if (known !== null) return known
  if (shape?.length === 4) return defaultImage
  return isFloat(dtype) ? defaultSignal : defaultLength
}

/** A symbol, a number or a sum of them; symbols that speak of the past are 0, because caches are empty. */
function evaluate(expression: string, sizes: DimSizes): number | null {
  const whole = sizes.get(expression)
  if (whole !== undefined) return whole
  const terms = expression.split('+').map((term) => term.trim())
  const values = terms.map((term) => {
    if (/^\d+$/.test(term)) return Number(term)
    return sizes.get(term) ?? (/past/i.test(term) ? 0 : null)
  })
  if (terms.length === 1 && /past|total/i.test(expression)) return totalOf(expression, sizes)
  return values.includes(null) ? null : values.reduce<number>((sum, value) => sum + (value as number), 0)
}

/** `total_sequence_length` and its like: with an empty cache, the length of the new tokens. */
function totalOf(symbol: string, sizes: DimSizes): number | null {
  if (!/total|\+|plus/i.test(symbol)) return 0
  for (const [name, size] of sizes) if (/seq/i.test(name)) return size
  return null
}

/** Sizes that given samples show: the dims of a column beside the symbols of its input. */
export function bindSizes(
  inputs: readonly InputSpec[],
  columns: readonly { name: string; dims: readonly number[] }[],
): Map<string, number> {
  const sizes = new Map<string, number>()
  for (const { name, dims } of columns) {
    const shape = inputs.find((input) => input.name === name)?.shape
    if (!shape) continue
    const open = shape.slice(shape.length - dims.length)
    open.forEach((dim, axis) => {
      if (typeof dim === 'string') sizes.set(dim, dims[axis] as number)
    })
  }
  return sizes
}
