import { float, floatOf, int, intOf } from '../../ir/attributes.ts'
import type { Attribute } from '../../ir/value.ts'
import { canonicalAttention } from '../../rewrite/canonical.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { wholeMask } from '../whole-mask.ts'

/**
 * The standard Attention of operator set 23 and newer, on three axes: any number of key heads, any mask, any past. A query without an open key
 * gets zeros from it.
 */
export const attentionToStandard = rule({
  id: 'attention-to-standard',
  summary: 'Attention is the standard operator from operator set 23 on.',
  fidelity: 'rounding',
  pattern: canonicalAttention,
  rewrite({ query, key, value, mask, pastKey, pastValue, attention }, draft) {
    if (draft.opset() < 23) return reject(`the operator set is ${draft.opset()}, it would have to be 23`, attention)
    const whole = mask === null ? null : wholeMask(mask, query, draft)
    if (mask !== null && whole === null) return reject('the shape of the mask is not known', mask)
    const attributes: Record<string, Attribute> = {
      q_num_heads: int(intOf(attention, 'heads', 1)),
      kv_num_heads: int(intOf(attention, 'kv_heads', 1)),
      scale: float(floatOf(attention, 'scale', 1)),
    }
    const softcap = floatOf(attention, 'softcap', 0)
    if (softcap !== 0) attributes.softcap = float(softcap)
    const inputs = [query, key, value, whole, pastKey, pastValue]
    while (inputs.at(-1) === null) inputs.pop()
    return draft.ops('Attention', inputs, attributes, { outputs: attention.outputs.length, name: attention.name })
  },
})
