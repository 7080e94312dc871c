import { text, textOf } from '../../ir/attributes.ts'
import { canonicalActivation } from '../../rewrite/canonical.ts'
import { reject, rule } from '../../rewrite/rule.ts'

export const lowerActivation = rule({
  id: 'lower-activation',
  summary: 'LiteRT has GELU and its tanh form: Gelu from operator set 20 on, before that the contrib operators of onnxruntime.',
  fidelity: 'rounding',
  pattern: canonicalActivation,
  rewrite({ x, activation }, draft) {
    const kind = textOf(activation, 'kind', '')
    if (kind === 'silu') return reject('LiteRT has no SiLU as one operator', activation)
    if (draft.opset() >= 20) return draft.op('Gelu', [x], kind === 'gelu' ? {} : { approximate: text('tanh') })
    return draft.op(kind === 'gelu' ? 'com.microsoft.Gelu' : 'com.microsoft.FastGelu', [x])
  },
})
