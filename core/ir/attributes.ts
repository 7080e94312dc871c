import type { Graph } from './graph.ts'
import type { Attribute, Node } from './value.ts'

/** A whole-number attribute. */
export const int = (value: number): Attribute => ({ type: 'int', value })
/** A list of whole numbers. */
export const ints = (value: readonly number[]): Attribute => ({ type: 'ints', value })
export const float = (value: number): Attribute => ({ type: 'float', value })
export const floats = (value: readonly number[]): Attribute => ({ type: 'floats', value })
export const text = (value: string): Attribute => ({ type: 'string', value })

/** A whole-number attribute of a node; `otherwise` when it has none of that name and type. */
export function intOf<T extends number | null>(node: Node, name: string, otherwise: T): number | T {
  const attribute = node.attributes.get(name)
  return attribute?.type === 'int' ? attribute.value : otherwise
}

/** A list of whole numbers; `null` when the node has none of that name. An empty list counts whatever type it was written with. */
export function intsOf(node: Node, name: string): readonly number[] | null {
  const attribute = node.attributes.get(name)
  if (attribute?.type === 'ints') return attribute.value
  return attribute?.type === 'floats' && attribute.value.length === 0 ? attribute.value : null
}

export function floatOf(node: Node, name: string, otherwise: number): number {
  const attribute = node.attributes.get(name)
  return attribute?.type === 'float' ? attribute.value : otherwise
}

export function textOf(node: Node, name: string, otherwise: string): string {
  const attribute = node.attributes.get(name)
  return attribute?.type === 'string' ? attribute.value : otherwise
}

export function graphOf(node: Node, name: string): Graph | null {
  const attribute = node.attributes.get(name)
  return attribute?.type === 'graph' ? attribute.value : null
}

/** A list of numbers; `null` when the node has none of that name. */
export function floatsOf(node: Node, name: string): readonly number[] | null {
  const attribute = node.attributes.get(name)
  return attribute?.type === 'floats' ? attribute.value : null
}
