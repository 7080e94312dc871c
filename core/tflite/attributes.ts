import { numbersOf } from '../ir/numbers.ts'
import type { Node, Value } from '../ir/value.ts'
import { Unconvertible } from './unconvertible.ts'

/** A float or int attribute, or the operator's default. */
export function number(node: Node, name: string, fallback: number): number {
  const attribute = node.attributes.get(name)
  return attribute?.type === 'int' || attribute?.type === 'float' ? attribute.value : fallback
}

/** A list attribute, or `null` when it is left out. */
export function numbers(node: Node, name: string): readonly number[] | null {
  const attribute = node.attributes.get(name)
  return attribute?.type === 'ints' || attribute?.type === 'floats' ? attribute.value : null
}

export function text(node: Node, name: string, fallback: string): string {
  const attribute = node.attributes.get(name)
  return attribute?.type === 'string' ? attribute.value : fallback
}

/** An input that must be there. */
export function input(node: Node, index: number): Value {
  const value = node.inputs[index]
  if (value === null || value === undefined)
    throw new Unconvertible(`input ${index} is missing`, 'Check the model with another tool: it breaks the operator’s rules.')
  return value
}

/** An optional input. */
export const optional = (node: Node, index: number): Value | null => node.inputs[index] ?? null

export const output = (node: Node, index = 0): Value => node.outputs[index] as Value

/** The numbers of an input that must be a constant, or `null` when it is left out. */
export function constantNumbers(node: Node, index: number): readonly number[] | null {
  const value = optional(node, index)
  if (value === null) return null
  if (value.constant === null) {
    throw new Unconvertible(
      `input ${index} ('${value.name}') is computed, and must be a constant here`,
      'Run clean-up and freeze-shapes first; they fold what depends on shapes alone.',
    )
  }
  return [...numbersOf(value.constant)]
}

/** An attribute list of older operator sets, or the constant input that took its place. */
export const attributeOrInput = (node: Node, name: string, index: number): readonly number[] | null =>
  numbers(node, name) ?? constantNumbers(node, index)

/** An axis counted from the front. */
export const axisOf = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis)
