import type { Node, Value } from '../ir/value.ts'
import type { StaticNodes } from './static-nodes.ts'

/** A constant of two or more dims that is no shape or table of indices. */
export function hasWeights(node: Node): boolean {
  return node.inputs.some((input) => weightOf(input) !== null)
}

/** The weights that a node reads, also behind what is computed from constants alone: a DequantizeLinear, a Cast, an Identity. */
export function weightsOf(node: Node, { constant }: StaticNodes): readonly Value[] {
  return node.inputs.flatMap((input) => {
    let value = input
    while (value?.producer != null && constant.has(value.producer)) value = value.producer.inputs[0] ?? null
    return weightOf(value) ?? []
  })
}

function weightOf(input: Value | null): Value | null {
  const constant = input?.constant
  return constant && constant.ref.dims.length >= 2 && constant.ref.length >= 64 ? (input as Value) : null
}

/** Whether a MatMul sums nothing up: a vector of constants times a vector of values, as positions times frequencies. */
export function isOuterProduct({ opType, inputs: [left, right] }: Node): boolean {
  return opType === 'MatMul' && (left?.constant?.ref.dims.at(-1) === 1 || right?.constant?.ref.dims.at(-2) === 1)
}
