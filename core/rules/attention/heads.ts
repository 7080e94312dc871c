import { ints, intsOf } from '../../ir/attributes.ts'
import type { Dim, Node, Value } from '../../ir/value.ts'
import type { Draft } from '../../rewrite/draft.ts'
import { multiplyDims, sameDim } from '../../shapes/dim.ts'
import { shapeOf } from '../../shapes/shape-facts.ts'

/** A value [batch, heads, length, size] that is a view of `source` [batch, length, heads * size]. */
export interface Heads {
  readonly source: Value
  readonly heads: number
  readonly size: number
}

const perm = (node: Node): string => (intsOf(node, 'perm') ?? []).join()

const isTranspose = (node: Node | null, order: string): node is Node =>
  node?.opType === 'Transpose' && node.domain === '' && perm(node) === order

/** Sees a value [batch, heads, length, size] as heads of a value of three axes, if exporters' Reshape and Transpose made it so. */
export function headsOf(value: Value): Heads | null {
  return isTranspose(value.producer, '0,2,1,3') ? splitHeads(value.producer.inputs[0] as Value) : null
}

/** Sees keys [batch, heads, size, length], turned for the product with queries, as heads. */
export function turnedHeadsOf(value: Value): Heads | null {
  return isTranspose(value.producer, '0,2,3,1') ? splitHeads(value.producer.inputs[0] as Value) : null
}

/** The value before its last two axes were exchanged. */
export const unturned = (value: Value): Value | null =>
  isTranspose(value.producer, '0,1,3,2') ? (value.producer.inputs[0] as Value) : null

/** [batch, length, heads, size] as a Reshape of [batch, length, heads * size]. */
function splitHeads(value: Value): Heads | null {
  const source = value.producer?.opType === 'Reshape' ? (value.producer.inputs[0] ?? null) : null
  const [from, to] = [source === null ? null : shapeOf(source), shapeOf(value)]
  if (source === null || from?.length !== 3 || to?.length !== 4) return null
  const [, , heads, size] = to
  if (typeof heads !== 'number' || typeof size !== 'number' || from[2] !== heads * size) return null
  return sameDim(from[0] as Dim, to[0] as Dim) || sameDim(from[1] as Dim, to[1] as Dim) ? { source, heads, size } : null
}

/** The value before each head was repeated (grouped-query attention): Unsqueeze, Expand and Reshape of [batch, kv heads, length, size]. */
export function unrepeated(value: Value): Value {
  const expand = value.producer?.opType === 'Reshape' ? value.producer.inputs[0]?.producer : null
  const unsqueeze = expand?.opType === 'Expand' ? expand.inputs[0]?.producer : null
  const source = unsqueeze?.opType === 'Unsqueeze' || unsqueeze?.opType === 'Reshape' ? (unsqueeze.inputs[0] ?? null) : null
  const [from, wide, to] = [source === null ? null : shapeOf(source), expand ? shapeOf(expand.outputs[0] as Value) : null, shapeOf(value)]
  if (source === null || from?.length !== 4 || wide?.length !== 5 || to?.length !== 4) return value
  const kept = sameDim(from[1] as Dim, wide[1] as Dim) && sameDim(from[3] as Dim, wide[4] as Dim)
  const merged = sameDim(to[1] as Dim, multiplyDims(wide[1] as Dim, wide[2] as Dim)) && sameDim(to[3] as Dim, from[3] as Dim)
  return kept && merged ? source : value
}

/** Any value [batch, heads, length, size] as heads: through its own view, or through new ones. `null` when heads or size are not known. */
export function asHeads(value: Value, draft: Draft): Heads | null {
  const seen = headsOf(value)
  if (seen !== null) return seen
  const shape = shapeOf(value)
  const [, heads, , size] = shape ?? []
  if (shape?.length !== 4 || typeof heads !== 'number' || typeof size !== 'number') return null
  const turned = draft.op('Transpose', [value], { perm: ints([0, 2, 1, 3]) })
  return { source: draft.op('Reshape', [turned, draft.ints([0, 0, heads * size])]), heads, size }
}

/** [batch, length, heads * size] as [batch, heads, length, size]. */
export function withHeads(value: Value, { heads, size }: Omit<Heads, 'source'>, draft: Draft): Value {
  const split = draft.op('Reshape', [value, draft.ints([0, 0, heads, size])])
  return draft.op('Transpose', [split], { perm: ints([0, 2, 1, 3]) })
}
