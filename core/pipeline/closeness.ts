import type { Fidelity } from '../api/pipeline.ts'
import { isFloat } from '../ir/dtype.ts'
import { numbersOf } from '../ir/numbers.ts'
import { tensorOf } from '../ir/tensor.ts'
import type { TensorData } from '../observe/reducer.ts'

/** How far one tensor is from another, and whether that is near enough. */
export interface Closeness {
  readonly near: boolean
  readonly maxAbs: number
  /** 1 for equal tensors. */
  readonly cosine: number
  /** Elements that the figures speak of: those that are finite in both, and texts. */
  readonly compared: number
  /** Elements that are NaN or infinite in one of the two alone, or differently in both. */
  readonly unequalSpecials: number
  /** Why it is not near: `shape [2, 3] instead of [3, 2]`, `differs by 0.3, allowed is 1e-4`. */
  readonly why: string | null
}

/**
 * Judges a tensor against its reference by the fidelity of what was done to it: `exact` wants equal elements, `rounding` every
 * |d| <= 1e-4 max(1, rms of the reference) + 1e-5 and a cosine of at least 0.999999, `lossy` only the shape. NaN equals NaN.
 */
export function closeness(reference: TensorData, tensor: TensorData, fidelity: Fidelity): Closeness {
  const unlike = differentKind(reference, tensor)
  if (unlike !== null) return { near: false, maxAbs: Number.POSITIVE_INFINITY, cosine: 0, compared: 0, unequalSpecials: 0, why: unlike }
  if (reference.dtype === 'string') return sameStrings(reference, tensor)
  const sums = sumsOf(elements(reference), elements(tensor))
  const cosine = cosineOf(sums)
  const { maxAbs, unequalSpecials } = sums
  const figures = { maxAbs, cosine, compared: sums.finite, unequalSpecials }
  const allowed = fidelity === 'exact' || !isFloat(reference.dtype) ? 0 : 1e-4 * Math.max(1, Math.sqrt(sums.a / sums.count)) + 1e-5
  if (fidelity === 'lossy') return { near: true, ...figures, why: null }
  if (unequalSpecials > 0) {
    return { near: false, ...figures, why: `${unequalSpecials} of ${sums.count} elements are NaN or infinite in one version alone` }
  }
  if (maxAbs > allowed)
    return { near: false, ...figures, why: `differs by up to ${maxAbs.toPrecision(3)}, allowed is ${allowed.toPrecision(3)}` }
  // Below the allowed difference the direction of an all-but-zero tensor is noise.
  if (cosine < 0.999999 && Math.sqrt(sums.a / sums.count) > allowed) {
    return { near: false, ...figures, why: `cosine similarity is ${cosine.toPrecision(7)}, at least 0.999999 is wanted` }
  }
  return { near: true, ...figures, why: null }
}

function differentKind(reference: TensorData, tensor: TensorData): string | null {
  if (reference.dtype !== tensor.dtype) return `type ${tensor.dtype} instead of ${reference.dtype}`
  const [old, now] = [reference.dims.join(', '), tensor.dims.join(', ')]
  return old === now ? null : `shape [${now}] instead of [${old}]`
}

function sameStrings(reference: TensorData, tensor: TensorData): Closeness {
  const { strings = [] } = reference
  const at = strings.findIndex((text, index) => text !== tensor.strings?.[index])
  const counts = { compared: strings.length, unequalSpecials: 0 }
  return at < 0
    ? { near: true, maxAbs: 0, cosine: 1, ...counts, why: null }
    : { near: false, maxAbs: Number.POSITIVE_INFINITY, cosine: 0, ...counts, why: `element ${at} is another text` }
}

const elements = ({ dtype, dims, data }: TensorData): Float64Array => numbersOf(tensorOf(dtype, dims, data))

interface Sums {
  readonly count: number
  readonly a: number
  readonly b: number
  readonly ab: number
  readonly maxAbs: number
  /** Elements that are finite in both. */
  readonly finite: number
  readonly unequalSpecials: number
}

function sumsOf(reference: Float64Array, tensor: Float64Array): Sums {
  let [a, b, ab, maxAbs, finite, unequalSpecials] = [0, 0, 0, 0, 0, 0]
  for (let i = 0; i < reference.length; i++) {
    const x = reference[i]!
    const y = tensor[i]!
    if (Object.is(x, y)) {
      if (Number.isFinite(x)) {
        finite += 1
        a += x * x
        b += x * x
        ab += x * x
      }
      continue
    }
    if (!Number.isFinite(x) || !Number.isFinite(y)) {
      unequalSpecials += 1
      continue
    }
    finite += 1
    a += x * x
    b += y * y
    ab += x * y
    const difference = Math.abs(x - y)
    if (difference > maxAbs) maxAbs = difference
  }
  return { count: Math.max(1, reference.length), a, b, ab, maxAbs, finite, unequalSpecials }
}

function cosineOf({ a, b, ab, maxAbs }: Sums): number {
  if (maxAbs === 0) return 1
  return a === 0 || b === 0 ? 0 : ab / Math.sqrt(a * b)
}
