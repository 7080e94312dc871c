import { text, textOf } from '../../ir/attributes.ts'
import { canonicalActivation } from '../../rewrite/canonical.ts'
import { reject, rule } from '../../rewrite/rule.ts'

export const lowerActivation = rule({
  id: 'lower-activation',
  summary: 'A GELU is the operator Gelu from operator set 20 on.',
  fidelity: 'rounding',
  pattern: canonicalActivation,
  rewrite({ x, activation }, draft) {
    const kind = textOf(activation, 'kind', '')
    if (kind === 'silu') return reject('the standard has no SiLU that runtimes execute as one operator', activation)
    if (draft.opset() < 20) return reject(`the operator set is ${draft.opset()}, it would have to be 20`, activation)
    return draft.op('Gelu', [x], kind === 'gelu' ? {} : { approximate: text('tanh') })
  },
})
