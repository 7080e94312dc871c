import { type DType, isFloat } from '../../ir/dtype.ts'
import type { Graph } from '../../ir/graph.ts'
import { int64Tensor, tensorFrom } from '../../ir/numbers.ts'
import type { Attribute, Attributes, Node, Value } from '../../ir/value.ts'

/** What a change of an operator's meaning may ask for. */
export interface Raising {
  /** The version that the model is raised to in the end. */
  readonly target: number
  /** Element type of a value; `null` when it is not known. */
  dtypeOf(value: Value): DType | null
}

/**
 * Makes of a call that was written for the version before the one that an adapter stands under a call that means the same from that version on.
 * Gives back why it cannot, as a sentence, and then has changed nothing; else `null`.
 */
export type Adapter = (node: Node, raising: Raising) => string | null

export function withoutAttributes(attributes: Attributes, ...names: readonly string[]): Map<string, Attribute> {
  return new Map([...attributes].filter(([name]) => !names.includes(name)))
}

const hintFor = (node: Node, what: string): string => `${node.outputs.find(({ name }) => name !== '')?.name ?? node.opType}_${what}`

/** A one-dimensional int64 constant for a node's input `what`. */
export const intsFor = (node: Node, what: string, values: readonly number[]): Value =>
  node.graph.addConstant(hintFor(node, what), int64Tensor(values))

export const floatsFor = (node: Node, what: string, values: readonly number[]): Value =>
  node.graph.addConstant(hintFor(node, what), tensorFrom('float32', [values.length], values))

/** Whether a scalar of a value's own type can be made: its type is known, or the target has an operator that follows it. */
export const canMatch = (value: Value, { dtypeOf, target }: Raising): boolean => dtypeOf(value) !== null || target >= 15

/** A scalar constant of the type of `like`, for a node's input `what`. */
export function scalarLike(node: Node, what: string, scalar: { readonly like: Value; readonly value: number }, raising: Raising): Value {
  const { graph } = node
  const dtype = raising.dtypeOf(scalar.like)
  if (dtype !== null)
    return graph.addConstant(hintFor(node, what), tensorFrom(dtype, [], [isFloat(dtype) ? scalar.value : Math.trunc(scalar.value)]))
  const constant = graph.addConstant(hintFor(node, what), tensorFrom('float32', [], [scalar.value]))
  return graph.addNode({ opType: 'CastLike', inputs: [constant, scalar.like], origins: node.origins, at: node }).outputs[0] as Value
}

/** The input of a node that must be there. */
export const inputOf = (node: Node, index: number): Value | null => node.inputs[index] ?? null

/** Sets inputs from `from` on; those after the last one that is there are left out. */
export function setInputs(node: Node, from: number, values: readonly (Value | null)[]): void {
  const graph = node.graph as Graph
  const last = values.findLastIndex((value) => value !== null)
  values.slice(0, last + 1).forEach((value, index) => {
    graph.setInput(node, from + index, value)
  })
}

/** Puts `result` in the place of the only output of a node, which goes; its name stays. */
export function substitute(node: Node, result: Value): void {
  const graph = node.graph as Graph
  const [old] = node.outputs as readonly [Value]
  const { name } = old
  graph.replaceUses(old, result)
  graph.removeNode(node)
  if (result.name !== name && graph.find(name) === null) graph.rename(result, name)
}

/** The sentence of a call that an adapter cannot do without an input. */
export const lacksInput = (index: number): string => `its input ${index} is missing`
