import { intOf } from '../../ir/attributes.ts'
import { numbersOf } from '../../ir/numbers.ts'
import type { Node, Value } from '../../ir/value.ts'
import { rankOf, shapeOf } from '../../shapes/shape-facts.ts'

/** Whether a slice takes the elements from `start` on, up to `end`, of the last axis. */
export function cutsAt(slice: Node, start: number, end: number): boolean {
  const [from, to, axis, step] = boundsOf(slice) ?? []
  return from === start && step === 1 && isLast(slice, axis) && (to === end || (to !== undefined && to > end && start > 0))
}

/** How the two parts of each head that rotary embedding turns against each other are taken. */
export interface Parts {
  readonly whole: Value
  /** The first and the second half of the last axis; its even and odd places; or the two places of a last axis of its own. */
  readonly taken: 'halves' | 'neighbours' | 'pairs'
}

/** The value of which `first` and `second` are the two parts; `null` where they are not. */
export function partsOf(first: Value, second: Value): Parts | null {
  const [a, b] = [first.producer, second.producer]
  const whole = a?.inputs[0]
  if (a == null || b == null || whole == null || a.opType !== b.opType || a.domain !== '' || b.domain !== '' || b.inputs[0] !== whole)
    return null
  const size = shapeOf(whole)?.at(-1)
  if (typeof size !== 'number' || size % 2 === 1) return null
  if (a.opType === 'Split') return a === b && splitsInTwo(a, first, size) && a.outputs[1] === second ? { whole, taken: 'halves' } : null
  if (a.opType === 'Slice') {
    if (cutsAt(a, 0, size / 2) && cutsAt(b, size / 2, size)) return { whole, taken: 'halves' }
    return takesEverySecond(a, 0) && takesEverySecond(b, 1) ? { whole, taken: 'neighbours' } : null
  }
  return size === 2 && takesPlace(a, 0) && takesPlace(b, 1) ? { whole, taken: 'pairs' } : null
}

const splitsInTwo = (split: Node, first: Value, size: number): boolean =>
  split.outputs.length === 2 && split.outputs[0] === first && isLast(split, intOf(split, 'axis', 0)) && shapeOf(first)?.at(-1) === size / 2

function takesEverySecond(slice: Node, start: number): boolean {
  const [from, to, axis, step] = boundsOf(slice) ?? []
  const size = shapeOf(slice.inputs[0] as Value)?.at(-1)
  return from === start && typeof size === 'number' && to !== undefined && to >= size && isLast(slice, axis) && step === 2
}

function takesPlace(gather: Node, place: number): boolean {
  const index = gather.inputs[1]?.constant
  return (
    gather.opType === 'Gather' &&
    index != null &&
    index.ref.dims.length === 0 &&
    numbersOf(index)[0] === place &&
    isLast(gather, intOf(gather, 'axis', 0))
  )
}

/** Start, end, axis and step of a slice along one axis; `null` where they are not constant. */
function boundsOf(slice: Node): readonly number[] | null {
  const constants = slice.inputs.slice(1).map((input) => input?.constant ?? null)
  if (constants.length < 3 || constants.some((constant) => constant === null || constant.ref.dims.join() !== '1')) return null
  const [from, to, axis, step = 1] = constants.map((constant) => numbersOf(constant as NonNullable<typeof constant>)[0] as number)
  return [from as number, to as number, axis as number, step]
}

const isLast = (node: Node, axis: number | undefined): boolean => axis === -1 || axis === (rankOf(node.inputs[0] as Value) ?? 0) - 1
