import type { Node } from '../../ir/value.ts'
import { numbers, text } from '../attributes.ts'

/** Space around an image: begin and end of height, then of width. */
export interface Space {
  readonly kernel: readonly number[]
  readonly strides: readonly number[]
  readonly dilations: readonly number[]
  /** [begin, end] for each axis of space. */
  readonly pads: readonly (readonly [number, number])[]
}

/** The window of a Conv or pooling, with `auto_pad` resolved. `size` is the input's height and width. */
export function spaceOf(node: Node, kernel: readonly number[], size: readonly number[]): Space {
  const ones = kernel.map(() => 1)
  const strides = numbers(node, 'strides') ?? ones
  const dilations = numbers(node, 'dilations') ?? ones
  const mode = text(node, 'auto_pad', 'NOTSET')
  const given = numbers(node, 'pads') ?? kernel.flatMap(() => [0, 0])
  const pads = kernel.map((width, i): readonly [number, number] => {
    if (mode === 'VALID') return [0, 0]
    if (mode === 'NOTSET') return [given[i] ?? 0, given[i + kernel.length] ?? 0]
    const step = strides[i] as number
    const total = Math.max(
      0,
      (Math.ceil((size[i] as number) / step) - 1) * step + (width - 1) * (dilations[i] as number) + 1 - (size[i] as number),
    )
    return mode === 'SAME_UPPER' ? [Math.floor(total / 2), Math.ceil(total / 2)] : [Math.ceil(total / 2), Math.floor(total / 2)]
  })
  return { kernel, strides, dilations, pads }
}

/** The lowest float32: what a maximum never picks. */
export const lowest = -3.4028234663852886e38

/** `ceil_mode` as padding at the end: the last window may reach past the image. */
export function ceiled(space: Space, { size, out }: { size: readonly number[]; out: readonly number[] }): Space {
  const pads = space.pads.map(([begin, end], i): readonly [number, number] => {
    const reach =
      ((out[i] as number) - 1) * (space.strides[i] as number) + ((space.kernel[i] as number) - 1) * (space.dilations[i] as number) + 1
    return [begin, Math.max(end, reach - (size[i] as number) - begin)]
  })
  return { ...space, pads }
}
