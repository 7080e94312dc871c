import { float, floatOf, int, intOf } from '../../ir/attributes.ts'
import { any, maybe, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { wholeMask } from '../whole-mask.ts'

/** The standard Attention of operator set 23 and newer, on three axes: any number of key heads, any mask. */
export const attentionToStandard = rule({
  id: 'attention-to-standard',
  summary: 'Attention is the standard operator from operator set 23 on.',
  fidelity: 'rounding',
  pattern: op('lathe.Attention', [any('query'), any('key'), any('value'), maybe(any('mask'))], 'attention'),
  rewrite({ query, key, value, mask, attention }, draft) {
    if (draft.opset() < 23) return reject(`the operator set is ${draft.opset()}, it would have to be 23`, attention)
    const whole = mask === null ? null : wholeMask(mask, draft)
    if (mask !== null && whole === null) return reject('the shape of the mask is not known', mask)
    const attributes = {
      q_num_heads: int(intOf(attention, 'heads', 1)),
      kv_num_heads: int(intOf(attention, 'kv_heads', 1)),
      scale: float(floatOf(attention, 'scale', 1)),
    }
    return draft.op('Attention', whole === null ? [query, key, value] : [query, key, value, whole], attributes, { name: attention.name })
  },
})
