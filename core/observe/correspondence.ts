import { countOf } from '../ir/tensor.ts'
import type { ValueMap } from '../ir/value.ts'
import { axisOf, numbersIn } from './elements.ts'
import { permuteTensor, selectTensor } from './layout.ts'
import type { TensorData } from './reducer.ts'

type Codes = Extract<ValueMap, { kind: 'dequantize' }>

export type Pair = { readonly reference: ArrayLike<number>; readonly candidate: ArrayLike<number> }

/**
 * Elements of two corresponding values side by side. Moves (`permute`, `select`, `reshape`) are followed from the reference on, `dequantize` turns
 * the codes of the candidate back into numbers.
 * @param maps how the candidate's value follows from the reference's, first step first
 * @param own how what stands for the reference follows from it, where that is moved or holds codes too
 * @throws RangeError when the two do not have the same number of elements then, or the steps cannot be followed
 */
export function paired(reference: TensorData, candidate: TensorData, maps: readonly ValueMap[], own: readonly ValueMap[] = []): Pair {
  let moved = restored(reference, own)
  let codes: Codes | null = null
  let reshaped = false
  for (const map of maps) {
    if (map.kind === 'none') throw new RangeError('the two values do not correspond')
    if (reshaped && (map.kind === 'permute' || map.kind === 'select')) throw new RangeError('the shape between two steps is not known')
    if (map.kind === 'permute') {
      moved = permuteTensor(moved, map.perm)
      codes = codes === null ? null : permuted(codes, map.perm)
    } else if (map.kind === 'select') moved = selectTensor(moved, positive(map.axis, moved.dims.length), map.kept)
    else if (map.kind === 'dequantize') codes = map
    else if (map.kind === 'reshape') {
      if (codes !== null && codes.axis !== null) throw new RangeError('the axis of the scales is lost in a reshape')
      reshaped = true
    }
  }
  if (countOf(moved.dims) !== countOf(candidate.dims)) {
    throw new RangeError(`[${moved.dims.join(', ')}] and [${candidate.dims.join(', ')}] do not have the same number of elements`)
  }
  return { reference: numbersIn(moved), candidate: codes === null ? numbersIn(candidate) : dequantized(candidate, codes) }
}

/** The axis of the scales after a transposition. */
const permuted = (codes: Codes, perm: readonly number[]): Codes =>
  codes.axis === null ? codes : { ...codes, axis: perm.indexOf(positive(codes.axis, perm.length)) }

const positive = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis)

/** The value that was moved or quantized by some steps, with its numbers. */
function restored(tensor: TensorData, steps: readonly ValueMap[]): TensorData {
  return steps.toReversed().reduce((last, step) => {
    if (step.kind === 'permute')
      return permuteTensor(
        last,
        step.perm.map((_, axis) => step.perm.indexOf(axis)),
      )
    if (step.kind !== 'dequantize') throw new RangeError(`what was done by ${step.kind} cannot be undone`)
    return { dtype: 'float32', dims: last.dims, data: new Uint8Array(dequantized(last, step).buffer) }
  }, tensor)
}

/** In single precision, as DequantizeLinear computes it. */
function dequantized(tensor: TensorData, { scale, zeroPoint, axis }: Codes): Float32Array {
  const codes = numbersIn(tensor)
  const { channels, inner } = axisOf(tensor.dims, axis ?? undefined)
  const numbers = new Float32Array(codes.length)
  for (let from = 0, channel = 0; from < codes.length; from += inner, channel = (channel + 1) % channels) {
    const factor = scale[channel] ?? scale[0] ?? 1
    const shift = zeroPoint[channel] ?? zeroPoint[0] ?? 0
    for (let i = from; i < from + inner; i++) numbers[i] = ((codes[i] as number) - shift) * factor
  }
  return numbers
}
