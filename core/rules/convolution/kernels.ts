import { intOf, intsOf, textOf } from '../../ir/attributes.ts'
import { floatsOf } from '../../ir/numbers.ts'
import type { Tensor } from '../../ir/tensor.ts'
import type { Node } from '../../ir/value.ts'
import { padsOf } from './padding.ts'

/** The geometry of a two-dimensional convolution. */
export interface Geometry {
  /** Rows and columns that the kernel spans, gaps of dilation included. */
  readonly kernel: readonly [number, number]
  readonly dilations: readonly [number, number]
  readonly strides: readonly [number, number]
  /** top, left, bottom, right */
  readonly pads: readonly [number, number, number, number]
  readonly group: number
}

/** `null` for convolutions that are not two-dimensional, or padded to keep the size in steps larger than 1: how much that is hangs on the size. */
export function geometryOf(conv: Node, weight: Tensor): Geometry | null {
  const { dims } = weight.ref
  if (dims.length !== 4 || weight.ref.dtype !== 'float32') return null
  const [down = 1, right = 1] = intsOf(conv, 'strides') ?? []
  const [below = 1, beside = 1] = intsOf(conv, 'dilations') ?? []
  const kernel = [spanOf(dims[2] as number, below), spanOf(dims[3] as number, beside)] as const
  const pads = padsOf(conv, 2) ?? (down === 1 && right === 1 ? padsThatKeep(conv, kernel) : null)
  if (pads === null) return null
  return {
    kernel,
    dilations: [dims[2] === 1 ? 1 : below, dims[3] === 1 ? 1 : beside],
    strides: [down, right],
    pads: [pads[0] ?? 0, pads[1] ?? 0, pads[2] ?? 0, pads[3] ?? 0],
    group: intOf(conv, 'group', 1),
  }
}

const spanOf = (size: number, dilation: number): number => (size - 1) * dilation + 1

/** What SAME_UPPER and SAME_LOWER come to in steps of 1: an odd one goes behind, or in front. */
function padsThatKeep(conv: Node, kernel: readonly number[]): readonly number[] {
  const round = textOf(conv, 'auto_pad', 'NOTSET') === 'SAME_LOWER' ? Math.ceil : Math.floor
  const begin = kernel.map((span) => round((span - 1) / 2))
  return [...begin, ...kernel.map((span, axis) => span - 1 - (begin[axis] as number))]
}

export const isDilated = ({ dilations }: Geometry): boolean => dilations.join() !== '1,1'

/** Where the small kernel lies in the large one so that both look at the same places; `null` when it does not fit, or the large one has gaps. */
export function placeIn(large: Geometry, small: Geometry): readonly [number, number] | null {
  if (isDilated(large) || large.group !== small.group || large.strides.join() !== small.strides.join()) return null
  const [top, left] = [large.pads[0] - small.pads[0], large.pads[1] - small.pads[1]]
  const [bottom, right] = [large.pads[2] - small.pads[2], large.pads[3] - small.pads[3]]
  const fits = (begin: number, end: number, axis: 0 | 1) =>
    begin >= 0 && end >= 0 && begin + small.kernel[axis] + end === large.kernel[axis]
  return fits(top, bottom, 0) && fits(left, right, 1) ? [top, left] : null
}

/** Adds the weights of a small kernel to a copy of the large one's, from a place on, with the gaps of the small one. */
export function addKernel(
  large: Tensor,
  small: Tensor,
  { place: [top, left], gaps: [down, right] }: { readonly place: readonly [number, number]; readonly gaps: readonly [number, number] },
): Float32Array {
  const result = Float32Array.from(floatsOf(large))
  const source = floatsOf(small)
  const [outputs = 0, inputs = 0, height = 0, width = 0] = large.ref.dims
  const [, , rows = 0, columns = 0] = small.ref.dims
  for (let plane = 0; plane < outputs * inputs; plane++) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const to = (plane * height + row * down + top) * width + column * right + left
        result[to] = (result[to] as number) + (source[(plane * rows + row) * columns + column] as number)
      }
    }
  }
  return result
}
