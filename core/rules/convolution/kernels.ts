import { intOf, intsOf } from '../../ir/attributes.ts'
import { floatsOf } from '../../ir/numbers.ts'
import type { Tensor } from '../../ir/tensor.ts'
import type { Node } from '../../ir/value.ts'
import { padsOf } from './padding.ts'

/** The geometry of a two-dimensional convolution of dilation 1. */
export interface Geometry {
  readonly kernel: readonly [number, number]
  readonly strides: readonly [number, number]
  /** top, left, bottom, right */
  readonly pads: readonly [number, number, number, number]
  readonly group: number
}

/** `null` for convolutions that are not two-dimensional, dilated, or padded to keep the size. */
export function geometryOf(conv: Node, weight: Tensor): Geometry | null {
  const pads = padsOf(conv, 2)
  const { dims } = weight.ref
  if (pads === null || dims.length !== 4 || weight.ref.dtype !== 'float32') return null
  const kernel = [dims[2] as number, dims[3] as number] as const
  const dilated = (intsOf(conv, 'dilations') ?? [1, 1]).some((dilation, i) => dilation !== 1 && kernel[i] !== 1)
  const [down = 1, right = 1] = intsOf(conv, 'strides') ?? []
  if (dilated) return null
  return { kernel, strides: [down, right], pads: [pads[0] ?? 0, pads[1] ?? 0, pads[2] ?? 0, pads[3] ?? 0], group: intOf(conv, 'group', 1) }
}

/** Where the small kernel lies in the large one so that both look at the same places; `null` when it does not fit. */
export function placeIn(large: Geometry, small: Geometry): readonly [number, number] | null {
  if (large.group !== small.group || large.strides.join() !== small.strides.join()) return null
  const [top, left] = [large.pads[0] - small.pads[0], large.pads[1] - small.pads[1]]
  const [bottom, right] = [large.pads[2] - small.pads[2], large.pads[3] - small.pads[3]]
  const fits = (begin: number, end: number, axis: 0 | 1) =>
    begin >= 0 && end >= 0 && begin + small.kernel[axis] + end === large.kernel[axis]
  return fits(top, bottom, 0) && fits(left, right, 1) ? [top, left] : null
}

/** Adds the weights of a small kernel to a copy of the large one's. */
export function addKernel(large: Tensor, small: Tensor, [top, left]: readonly [number, number]): Float32Array {
  const result = Float32Array.from(floatsOf(large))
  const source = floatsOf(small)
  const [outputs = 0, inputs = 0, height = 0, width = 0] = large.ref.dims
  const [, , rows = 0, columns = 0] = small.ref.dims
  for (let plane = 0; plane < outputs * inputs; plane++) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const to = (plane * height + row + top) * width + column + left
        result[to] = (result[to] as number) + (source[(plane * rows + row) * columns + column] as number)
      }
    }
  }
  return result
}
