import type { Node, Value } from '../ir/value.ts'
import { constantNumbers, number } from './attributes.ts'
import type { Conversion } from './conversion.ts'

/** Numbers of the activations that kernels can apply to their own results. */
const activations = { none: 0, relu: 1, relu1: 2, relu6: 3 } as const

/** Where a kernel's result ends up once the activation behind it is worked in, and which activation that is. */
export interface Result {
  readonly value: Value
  readonly activation: number
}

/** The only reader of a value, when that is a Relu (or a Clip to bounds that kernels know), is done by the kernel itself. */
export function resultOf(to: Conversion, value: Value): Result {
  const reader = value.uses.length === 1 && !value.isOutput ? (value.uses[0]?.node ?? null) : null
  const activation = reader === null ? activations.none : activationOf(reader)
  if (reader === null || activation === activations.none) return { value, activation: activations.none }
  to.absorb(reader)
  return { value: reader.outputs[0] as Value, activation }
}

function activationOf(node: Node): number {
  if (node.domain !== '') return activations.none
  if (node.opType === 'Relu') return activations.relu
  if (node.opType !== 'Clip' || node.inputs.slice(1).some((bound) => bound !== null && bound.constant === null)) return activations.none
  const low = node.inputs[1] ? constantNumbers(node, 1)?.[0] : number(node, 'min', Number.NEGATIVE_INFINITY)
  const high = node.inputs[2] ? constantNumbers(node, 2)?.[0] : number(node, 'max', Number.POSITIVE_INFINITY)
  if (low === 0 && high === 6) return activations.relu6
  return low === -1 && high === 1 ? activations.relu1 : activations.none
}
