import { intsOf, textOf } from '../../ir/attributes.ts'
import type { Node, Value } from '../../ir/value.ts'
import { scalarOf } from '../../rewrite/equality.ts'
import { knownOf, numbersIn } from '../../shapes/known.ts'

/** What a Pad does: begin and end of the spatial axes, and the number it fills in. */
export interface Padding {
  readonly begin: readonly number[]
  readonly end: readonly number[]
  readonly fill: number
}

/** A Pad by constants that leaves batch and channels alone; else the sentence that says why it is none. */
export function paddingOf(pad: Node, rank: number): Padding | string {
  if (textOf(pad, 'mode', 'constant') !== 'constant') return 'it pads with copies of the values, not with a constant'
  const sizes = sizesOf(pad)
  if (sizes === null || pad.inputs[3] != null) return 'its sizes are not constant, or named by axes'
  if (sizes.length !== 2 * rank) return 'its sizes do not fit the rank'
  if (sizes.some((size) => size < 0)) return 'it cuts off'
  if ([0, 1, rank, rank + 1].some((i) => sizes[i] !== 0)) return 'it pads batch or channels'
  const fill = fillOf(pad)
  return fill === null ? 'its filling is not constant' : { begin: sizes.slice(2, rank), end: sizes.slice(rank + 2), fill }
}

function sizesOf(pad: Node): readonly number[] | null {
  const input = pad.inputs[1]
  if (input == null) return intsOf(pad, 'pads')
  return input.constant === null ? null : numbersIn(knownOf(input.constant))
}

function fillOf(pad: Node): number | null {
  const input = pad.inputs[2] as Value | null | undefined
  if (input != null) return input.constant === null ? null : scalarOf(input.constant)
  const attribute = pad.attributes.get('value')
  return attribute?.type === 'float' ? attribute.value : 0
}

/** The pads of a window operator, explicit; `null` when it pads to keep the size. */
export function padsOf(node: Node, spatial: number): readonly number[] | null {
  const auto = textOf(node, 'auto_pad', 'NOTSET')
  if (auto === 'VALID') return new Array<number>(2 * spatial).fill(0)
  return auto === 'NOTSET' || auto === '' ? (intsOf(node, 'pads') ?? new Array<number>(2 * spatial).fill(0)) : null
}

/** Pads of an operator with those of a Pad before it. */
export const joinedPads = (pads: readonly number[], { begin, end }: Padding): readonly number[] => [
  ...begin.map((size, i) => size + (pads[i] ?? 0)),
  ...end.map((size, i) => size + (pads[i + begin.length] ?? 0)),
]
