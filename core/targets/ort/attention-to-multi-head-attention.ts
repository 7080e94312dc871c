import { float, floatOf, int, intOf } from '../../ir/attributes.ts'
import type { Attribute, Value } from '../../ir/value.ts'
import { canonicalAttention } from '../../rewrite/canonical.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { dtypeOf } from '../../shapes/shape-facts.ts'
import { wholeMask } from '../whole-mask.ts'
import { finite, leastFloat, packedBias, paddingMask, paddingOf, projectionOf } from './attention-bias.ts'

/** onnxruntime's MultiHeadAttention: query, key and value stay separate projections, so that each can have its own precision. */
export const attentionToMultiHeadAttention = rule({
  id: 'attention-to-multi-head-attention',
  summary: 'Attention with as many key heads as query heads becomes MultiHeadAttention.',
  fidelity: 'rounding',
  pattern: canonicalAttention,
  rewrite({ query, key, value, mask, pastKey, pastValue, attention }, draft) {
    const heads = intOf(attention, 'heads', 0)
    if (heads !== intOf(attention, 'kv_heads', 0)) return reject('there are fewer key heads than query heads', attention)
    if (dtypeOf(query) !== 'float32') return reject('the kernel computes in float32 on this provider', query)
    if (floatOf(attention, 'softcap', 0) !== 0) return reject('the kernel does not bound scores', attention)
    const projections = [query, key, value].map(projectionOf)
    if (projections.includes(null)) return reject('the hidden size is not known', query)
    const known = projections as NonNullable<(typeof projections)[number]>[]
    if (pastKey !== null && known[1]?.size !== known[2]?.size) return reject('keys and values of the past have other sizes', value)
    const bias = packedBias(known, draft)
    const inputs: (Value | null)[] = [...known.map(({ product }, i) => (bias === null ? ([query, key, value][i] as Value) : product)), bias]
    const attributes: Record<string, Attribute> = { num_heads: int(heads), scale: float(floatOf(attention, 'scale', 1)) }
    const padding = mask === null ? null : paddingOf(mask)
    const safe = intOf(attention, 'safe', 0) === 1
    if (safe && padding === null && draft.opset() >= 23)
      return reject('the standard operator gives zeros to queries without an open key', mask)
    if (padding !== null) {
      inputs.push(paddingMask(padding, draft), null)
      attributes.mask_filter_value = float(Math.max(padding.fill, leastFloat))
    } else {
      const whole = mask === null ? null : wholeMask(mask, query, draft, safe ? finite(mask, draft) : mask)
      if (mask !== null && whole === null) return reject('the shape of the mask is not known', mask)
      inputs.push(null, whole)
    }
    inputs.push(pastKey, pastValue)
    const options = { outputs: attention.outputs.length, name: attention.name }
    return draft.ops('com.microsoft.MultiHeadAttention', trimmed(inputs), attributes, options)
  },
})

const trimmed = (inputs: readonly (Value | null)[]): readonly (Value | null)[] =>
  inputs.slice(0, inputs.findLastIndex((input) => input !== null) + 1)
