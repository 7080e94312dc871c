import { float, floatOf, int, intOf } from '../../ir/attributes.ts'
import { numbersOf } from '../../ir/numbers.ts'
import type { Attribute, Dim, Node, Value } from '../../ir/value.ts'
import type { Draft } from '../../rewrite/draft.ts'
import { any, maybe, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { sameDim } from '../../shapes/dim.ts'
import { dtypeOf, shapeOf } from '../../shapes/shape-facts.ts'
import { wholeMask } from '../whole-mask.ts'
import { finite, leastFloat } from './attention-bias.ts'
import { columnOfOnes, sizeOf } from './sizes.ts'

/**
 * onnxruntime's GroupQueryAttention, which keeps key heads unrepeated. It is causal by nature, so the mask must be too; what the mask says
 * beyond that goes along as `attention_bias`. Rotary embedding of query and key by the same tables is done by the kernel.
 */
export const attentionToGroupQueryAttention = rule({
  id: 'attention-to-group-query-attention',
  summary: 'Causal attention with fewer key heads than query heads becomes GroupQueryAttention.',
  fidelity: 'rounding',
  pattern: op('lathe.Attention', [any('query'), any('key'), any('value'), any('mask'), maybe(any('past')), maybe(any())], 'attention'),
  rewrite({ query, key, value, mask, past, attention }, draft) {
    const [heads, kvHeads] = [intOf(attention, 'heads', 0), intOf(attention, 'kv_heads', 0)]
    if (heads === kvHeads) return reject('there are as many key heads as query heads', attention)
    if (dtypeOf(query) !== 'float32') return reject('the kernel computes in float32 on this provider', query)
    if (past !== null) return reject('with a past, the kernel takes one sequence at a time, or one step', past)
    if (!isCausal(mask)) return reject('the mask is not known to be causal, and the operator is', mask)
    const [batch = null, length = null] = shapeOf(query) ?? []
    if (!sameDim(length, shapeOf(key)?.[1] ?? null)) return reject('there are more keys than queries', key)
    const sizes = sizesOf(draft, batch, length)
    if (sizes === null) return reject('no input of the model tells batch and length', attention)
    const safe = intOf(attention, 'safe', 0) === 1
    const beyond = beyondCausal(mask, length, draft)
    const bias = beyond === undefined ? wholeMask(mask, query, draft, safe ? finite(mask, draft) : mask) : beyond
    if (bias === null && beyond === undefined) return reject('the shape of the mask is not known', mask)
    const size = (shapeOf(query)?.[2] as number) / heads
    const turned = size % rotarySizeStep === 0 ? rotaryOf(query.producer, key.producer, size) : null
    const attributes: Record<string, Attribute> = {
      num_heads: int(heads),
      kv_num_heads: int(kvHeads),
      scale: float(floatOf(attention, 'scale', 1)),
    }
    const softcap = floatOf(attention, 'softcap', 0)
    if (softcap !== 0) attributes.softcap = float(softcap)
    if (turned !== null) Object.assign(attributes, { do_rotary: int(1), rotary_interleaved: int(0) })
    const [q, k, cos, sin] = turned ?? [query, key, null, null]
    const inputs = [q, k, value, null, null, sizes.last, sizes.total, cos, sin, null, bias]
    while (inputs.at(-1) === null) inputs.pop()
    return draft.op('com.microsoft.GroupQueryAttention', inputs, attributes, { name: attention.name })
  },
})

/** The kernel's own rotary embedding refuses heads of other sizes than multiples of this. */
const rotarySizeStep = 16

interface Turned {
  readonly source: Value
  readonly cos: Value
  readonly sin: Value
}

/** A value before its rotary embedding, canonical or lowered already. */
function turnedBy(node: Node | null): Turned | null {
  if (node?.opType === 'Rotary' && node.domain === 'lathe' && intOf(node, 'interleaved', 0) === 0) {
    const [source, cos, sin] = node.inputs as [Value, Value, Value]
    return { source, cos, sin }
  }
  if (node?.opType !== 'RotaryEmbedding' || node.domain !== 'com.microsoft' || intOf(node, 'interleaved', 0) !== 0) return null
  const [source, first, cos, sin] = node.inputs as [Value, Value, Value, Value]
  return first.constant?.read().every((byte) => byte === 0) === true ? { source, cos, sin } : null
}

/** Query and key before their rotary embedding, and its tables, when both have the same and they are for whole heads. */
function rotaryOf(query: Node | null, key: Node | null, size: number): readonly [Value, Value, Value, Value] | null {
  const [q, k] = [turnedBy(query), turnedBy(key)]
  const whole = 2 * Number(q === null ? 0 : shapeOf(q.cos)?.at(-1)) === size
  return q !== null && k !== null && whole && q.cos === k.cos && q.sin === k.sin ? [q.source, k.source, q.cos, q.sin] : null
}

/** Length as the kernel wants it: int32 in all, and the last position of every sequence of the batch. */
function sizesOf(draft: Draft, batch: Dim, length: Dim): { total: Value; last: Value } | null {
  const [sequences, steps] = [sizeOf(batch, draft), sizeOf(length, draft)]
  if (sequences === null || steps === null) return null
  const total = draft.op('Cast', [steps], { to: int(6) })
  return { total, last: draft.op('Expand', [draft.op('Sub', [total, draft.scalar(1, 'int32')]), sequences]) }
}

/**
 * What a mask says beyond that it is causal, with every query written out: nothing, or what closes keys for all queries alike (padding).
 * Open keys get 1 instead of 0: Softmax does not tell the difference. `undefined` when the mask is more than that.
 */
function beyondCausal(mask: Value, length: Dim, draft: Draft): Value | null | undefined {
  const { inputs } = mask.producer as Node
  const [condition, open, closed] = inputs as [Value, Value, Value]
  const others = conjunction(condition).filter((part) => !isKeyNotAfterQuery(part))
  if (others.length === 0) return null
  const [padding] = others
  const shape = padding === undefined ? null : shapeOf(padding)
  if (padding === undefined || others.length > 1 || shape?.length !== 4 || shape[2] !== 1 || !isNumber(open, 0) || !isScalar(closed))
    return undefined
  const column = columnOfOnes(length, draft)
  if (column === null) return undefined
  return draft.op('Where', [padding, column, isNumber(closed, Number.NEGATIVE_INFINITY) ? draft.scalar(leastFloat) : closed])
}

const isScalar = (value: Value): boolean => value.constant?.ref.dims.every((dim) => dim === 1) === true
const isNumber = (value: Value, wanted: number): boolean =>
  value.constant !== null && isScalar(value) && numbersOf(value.constant)[0] === wanted

/** Whether a mask closes every key after the query: 0 where a conjunction holds of which one part is `key position <= query position`. */
function isCausal(mask: Value): boolean {
  const node = mask.producer
  return node?.opType === 'Where' && conjunction(node.inputs[0] as Value).some(isKeyNotAfterQuery)
}

const conjunction = (value: Value): readonly Value[] =>
  value.producer?.opType === 'And' ? value.producer.inputs.flatMap((input) => conjunction(input as Value)) : [value]

function isKeyNotAfterQuery(value: Value): boolean {
  const node = value.producer
  if (node?.opType !== 'LessOrEqual' && node?.opType !== 'GreaterOrEqual') return false
  const [left, right] = (node.opType === 'LessOrEqual' ? node.inputs : node.inputs.toReversed()) as [Value, Value]
  return runsAlong(left, -1) && runsAlong(right, -2)
}

/** Positions from 0 on along one axis counted from the end, all others 1. */
function runsAlong(value: Value, axis: -1 | -2): boolean {
  const shape = shapeOf(value)
  if (shape === null || shape.length < -axis || shape.some((dim, i) => i !== shape.length + axis && dim !== 1)) return false
  let node: Node | null = value.producer
  while (node?.opType === 'Reshape' || node?.opType === 'Unsqueeze') node = node.inputs[0]?.producer ?? null
  const start = node?.opType === 'Range' ? node.inputs[0]?.constant : null
  return start?.read().every((byte) => byte === 0) === true
}
