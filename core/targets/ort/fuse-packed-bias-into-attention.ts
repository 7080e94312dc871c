import { intOf } from '../../ir/attributes.ts'
import type { Value } from '../../ir/value.ts'
import { any, op, rest } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'

/** GPT-2 projects query, key and value with one product and one bias, and splits the sum. */
export const fusePackedBiasIntoAttention = rule({
  id: 'fuse-packed-bias-into-attention',
  summary: 'A bias that is added before query, key and value are split apart goes into MultiHeadAttention.',
  fidelity: 'rounding',
  pattern: op('com.microsoft.MultiHeadAttention', [any('query'), any('key'), any('value'), rest('others')], 'attention'),
  rewrite({ query, key, value, others, attention }, draft) {
    const [bias, ...after] = others
    const split = query.producer
    if (bias != null) return reject('it adds a bias already', attention)
    if (
      split?.opType !== 'Split' ||
      [query, key, value].some((part, i) => part !== split.outputs[i] || part.uses.length > 1 || part.isOutput)
    )
      return reject('query, key and value are not the three parts of one value', query)
    const sum = split.inputs[0] as Value
    const node = sum.producer
    if (node?.opType !== 'Add' || node.domain !== '' || sum.uses.length > 1 || sum.isOutput)
      return reject('no bias is added before they are split', sum)
    const at = node.inputs.findIndex((input) => input?.constant?.ref.dims.length === 1 && input.constant.ref.dtype === 'float32')
    const [packed, product] = [node.inputs[at], node.inputs[1 - at]]
    const axis = intOf(split, 'axis', 0)
    if (at < 0 || packed == null || product == null || (axis !== 2 && axis !== -1))
      return reject('no bias along the last axis is added before they are split', sum)
    const parts = draft.ops('Split', [product, ...split.inputs.slice(1)], Object.fromEntries(split.attributes), split.outputs.length)
    const inputs = [...parts.slice(0, 3), packed, ...after]
    const read = attention.outputs.map(({ uses, isOutput }) => uses.length > 0 || isOutput)
    const outputs = draft.ops('com.microsoft.MultiHeadAttention', inputs, Object.fromEntries(attention.attributes), {
      outputs: read,
      name: attention.name,
    })
    return { replace: attention.outputs.map((old, i) => ({ old, by: outputs[i] as Value })).filter((_, i) => read[i]) }
  },
})
