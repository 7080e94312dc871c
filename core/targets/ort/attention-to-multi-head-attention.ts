import { float, floatOf, int, intOf } from '../../ir/attributes.ts'
import type { Attribute, Value } from '../../ir/value.ts'
import { any, maybe, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { dtypeOf } from '../../shapes/shape-facts.ts'
import { wholeMask } from '../whole-mask.ts'
import { packedBias, paddingMask, paddingOf, projectionOf } from './attention-bias.ts'

/** onnxruntime's MultiHeadAttention: query, key and value stay separate projections, so that each can have its own precision. */
export const attentionToMultiHeadAttention = rule({
  id: 'attention-to-multi-head-attention',
  summary: 'Attention with as many key heads as query heads becomes MultiHeadAttention.',
  fidelity: 'rounding',
  pattern: op('lathe.Attention', [any('query'), any('key'), any('value'), maybe(any('mask'))], 'attention'),
  rewrite({ query, key, value, mask, attention }, draft) {
    const heads = intOf(attention, 'heads', 0)
    if (heads !== intOf(attention, 'kv_heads', 0)) return reject('there are fewer key heads than query heads', attention)
    if (dtypeOf(query) !== 'float32') return reject('the kernel computes in float32 on this provider', query)
    const projections = [query, key, value].map(projectionOf)
    if (projections.includes(null)) return reject('the hidden size is not known', query)
    const known = projections as NonNullable<(typeof projections)[number]>[]
    const bias = packedBias(known, draft)
    const inputs: (Value | null)[] = [...known.map(({ product }, i) => (bias === null ? ([query, key, value][i] as Value) : product)), bias]
    const attributes: Record<string, Attribute> = { num_heads: int(heads), scale: float(floatOf(attention, 'scale', 1)) }
    const padding = mask === null ? null : paddingOf(mask)
    if (padding !== null) {
      inputs.push(paddingMask(padding, draft))
      attributes.mask_filter_value = float(padding.fill)
    } else if (mask !== null) {
      const whole = wholeMask(mask, draft)
      if (whole === null) return reject('the shape of the mask is not known', mask)
      inputs.push(null, whole)
    }
    return draft.op('com.microsoft.MultiHeadAttention', trimmed(inputs), attributes, { name: attention.name })
  },
})

const trimmed = (inputs: readonly (Value | null)[]): readonly (Value | null)[] =>
  inputs.slice(0, inputs.findLastIndex((input) => input !== null) + 1)
