import { textOf } from '../../ir/attributes.ts'
import { any, oneOf, op, orAbsent } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { shapeOf } from '../../shapes/shape-facts.ts'

const sum = op('Add', [any('x'), any('bias')])

export const fuseBiasGelu = rule({
  id: 'fuse-bias-gelu',
  summary: 'A bias before a GELU belongs to it: BiasGelu, or FastGelu for the tanh form.',
  fidelity: 'rounding',
  pattern: oneOf(
    op('lathe.Activation', [sum], 'activation'),
    op('Gelu', [sum], { name: 'standard', attributes: { approximate: orAbsent('none') } }),
    op('com.microsoft.Gelu', [sum], 'contrib'),
  ),
  rewrite({ x, bias, activation }, draft) {
    const last = shapeOf(draft.root.outputs[0] as typeof x)?.at(-1)
    const dims = shapeOf(bias)
    if (dims?.length !== 1 || typeof last !== 'number' || dims[0] !== last || shapeOf(x)?.at(-1) !== last)
      return reject('the term is no bias along the last axis', bias)
    const kind = activation === undefined ? 'gelu' : textOf(activation, 'kind', '')
    if (kind === 'silu') return reject('onnxruntime has no SiLU with a bias', activation)
    return draft.op(kind === 'gelu' ? 'com.microsoft.BiasGelu' : 'com.microsoft.FastGelu', [x, bias])
  },
})
