import { floatOf, floats, text } from '../../ir/attributes.ts'
import type { Attribute, Node, Value } from '../../ir/value.ts'
import { scalarOf } from '../../rewrite/equality.ts'
import { any, maybe, oneOf, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { dtypeOf, sameShape, shapeOf } from '../../shapes/shape-facts.ts'

const conv = op('Conv', [any('x'), any('weight'), maybe(any('bias'))], 'conv')
const activations = ['Relu', 'Sigmoid', 'Tanh', 'LeakyRelu', 'HardSigmoid', 'Clip']

export const fuseConvActivation = rule({
  id: 'fuse-conv-activation',
  summary: 'A Conv with the activation after it, and the residual sum between them, is FusedConv.',
  fidelity: 'rounding',
  pattern: oneOf(
    op(activations, [conv, maybe(any()), maybe(any())], 'activation'),
    op('Relu', [op('Add', [conv, any('residual')])], 'activation'),
  ),
  rewrite({ x, weight, bias, conv, activation, residual }, draft) {
    if (dtypeOf(x) !== 'float32') return reject('it is not in float32', conv)
    const parameters = parametersOf(activation)
    if (parameters === null) return reject('the bounds of the Clip are no constants', activation)
    const [own] = conv.outputs as [Value]
    if (residual !== undefined && !sameShape(shapeOf(residual), shapeOf(own))) return reject('the residual has another shape', residual)
    const extra: [string, Attribute][] = [['activation', text(activation.opType)]]
    if (parameters.length > 0) extra.push(['activation_params', floats(parameters)])
    const inputs = residual === undefined ? (bias === null ? [x, weight] : [x, weight, bias]) : [x, weight, bias, residual]
    return draft.op('com.microsoft.FusedConv', inputs, new Map([...conv.attributes, ...extra]))
  },
})

/** The numbers that FusedConv wants with an activation; `null` when they are not known. */
function parametersOf(node: Node): readonly number[] | null {
  if (node.opType === 'LeakyRelu') return [floatOf(node, 'alpha', 0.01)]
  if (node.opType === 'HardSigmoid') return [floatOf(node, 'alpha', 0.2), floatOf(node, 'beta', 0.5)]
  if (node.opType !== 'Clip') return []
  const bound = (index: number, name: string, otherwise: number): number | null => {
    const input = node.inputs[index]
    if (input == null) return floatOf(node, name, otherwise)
    return input.constant === null ? null : scalarOf(input.constant)
  }
  const [low, high] = [bound(1, 'min', -3.4028234663852886e38), bound(2, 'max', 3.4028234663852886e38)]
  return low === null || high === null ? null : [low, high]
}
