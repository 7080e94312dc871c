import { text, textOf } from '../../ir/attributes.ts'
import { any, oneOf, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'

/** Hendrycks and Gimpel, "Gaussian Error Linear Units": the tanh form is at most 5e-4 away. */
export const geluToTanh = rule({
  id: 'gelu-to-tanh',
  summary: 'GELU by the error function becomes its approximation by tanh.',
  fidelity: 'lossy',
  pattern: oneOf(op('lathe.Activation', [any('x')], 'activation'), op(['Gelu', 'com.microsoft.Gelu'], [any('x')], 'activation')),
  rewrite({ x, activation }, draft) {
    const approximate = textOf(activation, 'kind', 'gelu') !== 'gelu' || textOf(activation, 'approximate', 'none') === 'tanh'
    if (approximate) return reject('it is another activation, or the approximation already', activation)
    return draft.op('lathe.Activation', [x], { kind: text('gelu-tanh') })
  },
})
