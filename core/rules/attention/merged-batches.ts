import { ints, intsOf } from '../../ir/attributes.ts'
import { countOf } from '../../ir/tensor.ts'
import type { Dim, Value } from '../../ir/value.ts'
import type { Draft } from '../../rewrite/draft.ts'
import { productOf, sameDim } from '../../shapes/dim.ts'
import { rankOf, reshapeTarget, shapeOf } from '../../shapes/shape-facts.ts'

/** Whether `merged` is [product of the first axes, ...the others] of `whole`. */
export function mergesLeading(whole: readonly Dim[] | null, merged: readonly Dim[] | null): boolean {
  if (whole === null || merged === null) return false
  const leading = whole.length - merged.length + 1
  return leading > 1 && sameAxes([productOf(whole.slice(0, leading)), ...whole.slice(leading)], merged)
}

export const sameAxes = (a: readonly Dim[], b: readonly Dim[]): boolean =>
  a.length === b.length && a.every((dim, i) => sameDim(dim, b[i] ?? null))

/**
 * The same of a view: it keeps the number of elements, so that one size whose two names are not known to be the same is the same where all others are. An
 * output of the model keeps the name of its file for `past + length`.
 */
function viewMergesLeading(whole: readonly Dim[] | null, merged: readonly Dim[] | null): boolean {
  if (whole === null || merged === null) return false
  const leading = whole.length - merged.length + 1
  if (leading < 2) return false
  const expected = [productOf(whole.slice(0, leading)), ...whole.slice(leading)]
  return sameDim(expected[0] ?? null, merged[0] ?? null) && expected.filter((dim, i) => !sameDim(dim, merged[i] ?? null)).length <= 1
}

/** A value with its leading axes apart, and their sizes. */
interface Unmerged {
  readonly value: Value
  readonly axes: readonly Dim[]
}

/**
 * A value before its leading axes were merged into one, with what was done to it since (its last axes exchanged, a constant factor) done
 * there; `null` when it is not seen so.
 */
export function beforeMerge(value: Value, draft: Draft): Unmerged | null {
  const node = value.producer
  if (node === null || node.domain !== '') return null
  const [first, second] = node.inputs as [Value, Value | undefined]
  if (node.opType === 'Reshape') {
    const axes = shapeOf(first)?.slice(0, 1 - (rankOf(value) ?? 0)) ?? []
    return viewMergesLeading(shapeOf(first), shapeOf(value)) ? { value: first, axes } : null
  }
  const turns = node.opType === 'Transpose' && intsOf(node, 'perm')?.join() === '0,2,1'
  const scales = ['Mul', 'Div'].includes(node.opType) && second?.constant != null && countOf(second.constant.ref.dims) === 1
  const before = turns || scales ? beforeMerge(first, draft) : null
  if (before === null) return null
  const perm = ints([...before.axes.keys(), before.axes.length + 1, before.axes.length])
  const by = turns ? draft.op('Transpose', [before.value], { perm }) : draft.op(node.opType, [before.value, second as Value])
  return { value: by, axes: before.axes }
}

/** A value in another shape of as many elements, with a constant target where there is one: its own, or that of what it is a view of. */
export function viewedAs(value: Value, to: readonly Dim[], draft: Draft): Value | null {
  const sources = [value, ...(value.producer?.opType === 'Reshape' ? [value.producer.inputs[0] as Value] : [])]
  for (const source of sources) {
    const target = reshapeTarget(shapeOf(source), to)
    if (target !== null) return draft.op('Reshape', [source, draft.ints(target, 'shape')])
  }
  return null
}
