import { floatOf } from '../ir/attributes.ts'
import type { Node, Value } from '../ir/value.ts'

/** The name of an activation as the reducers know it. */
export type ActivationBehind = 'sigmoid' | 'silu' | 'hard-sigmoid' | 'hard-swish' | 'tanh'

/** The activation that alone reads a value, however it is spelled; `null` where something else reads it too. */
export function activationBehind(value: Value): ActivationBehind | null {
  const readers = [...new Set(value.uses.map(({ node }) => node))]
  const [first, second] = readers
  if (value.isOutput || first === undefined || readers.length > 2) return null
  if (second === undefined) return single(first)
  const [gate, product] = first.opType === 'Mul' ? [second, first] : [first, second]
  const gated = gate.outputs[0]
  const isProduct = product.opType === 'Mul' && product.inputs.includes(value) && gated !== undefined && product.inputs.includes(gated)
  if (!isProduct || gated?.uses.length !== 1) return null
  if (gate.opType === 'Sigmoid') return 'silu'
  return gate.opType === 'HardSigmoid' && isSixth(gate) ? 'hard-swish' : null
}

function single(node: Node): ActivationBehind | null {
  if (node.domain === 'com.microsoft')
    return node.opType === 'QuickGelu' && Math.abs(floatOf(node, 'alpha', 1.702) - 1) < 1e-6 ? 'silu' : null
  if (node.opType === 'HardSigmoid') return Math.abs(floatOf(node, 'alpha', 0.2) - 0.2) < 1e-6 ? 'hard-sigmoid' : null
  return plain[node.opType] ?? null
}

const plain: Readonly<Record<string, ActivationBehind>> = { Sigmoid: 'sigmoid', Tanh: 'tanh', HardSwish: 'hard-swish', Swish: 'silu' }

const isSixth = (gate: Node): boolean => Math.abs(floatOf(gate, 'alpha', 0.2) - 1 / 6) < 1e-3
