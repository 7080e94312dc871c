import { problemOf } from '../api/problem.ts'
import { bitsOf } from '../ir/dtype.ts'
import type { Graph } from '../ir/graph.ts'
import { Model } from '../ir/model.ts'
import { countOf, tensorOf } from '../ir/tensor.ts'
import type { Node, Value } from '../ir/value.ts'
import { graphsOf, subgraphsOf } from '../ir/walk.ts'
import type { PassContext } from '../pass.ts'
import { isPure } from '../shapes/pure.ts'
import { isStatic, shapeOf } from '../shapes/shape-facts.ts'

/** Operators whose stored form is the point (quantized weights) are not computed ahead. */
const kept = /^(QuantizeLinear$|DequantizeLinear$|DynamicQuantizeLinear$|QLinear|MatMulNBits$|GatherBlockQuantized$)/

/** A constant may grow to this many bytes when it is computed ahead; beyond, only to as many as what it is computed from. */
const smallEnough = 1 << 20

/** Nodes of a graph that depend on constants alone, in order, with the values that the rest reads. */
export interface ConstantPart {
  readonly nodes: readonly Node[]
  readonly results: readonly Value[]
}

export function constantPart(graph: Graph): ConstantPart {
  const bytes = new Map<Value, number>()
  const nodes = graph.nodes.filter((node) => {
    const size = isFoldable(node) ? inputBytes(node, bytes) : null
    if (size === null || !node.outputs.every((output) => fits(output, size))) return false
    for (const output of node.outputs) bytes.set(output, size)
    return true
  })
  const inside = new Set(nodes)
  const results = nodes.flatMap((node) =>
    node.outputs.filter((output) => !output.isOutput && output.uses.some((use) => !inside.has(use.node))),
  )
  return { nodes, results }
}

const isFoldable = (node: Node): boolean =>
  isPure(node) && !kept.test(node.opType) && subgraphsOf(node).length === 0 && node.domain !== 'lathe'

/** Bytes of the constants that a node is computed from; `null` when it reads anything else. */
function inputBytes(node: Node, computed: ReadonlyMap<Value, number>): number | null {
  let total = 0
  for (const value of node.inputs) {
    const size = value === null ? 0 : (computed.get(value) ?? value.constant?.ref.length)
    if (size === undefined) return null
    total += size
  }
  return total
}

function fits(output: Value, bytes: number): boolean {
  const shape = shapeOf(output)
  if (output.type?.kind !== 'tensor' || !isStatic(shape)) return bytes <= smallEnough
  return (countOf(shape) * bitsOf(output.type.dtype)) / 8 <= Math.max(smallEnough, bytes)
}

type Outputs = Awaited<ReturnType<PassContext['execute']>>

export interface Folded {
  /** How many values became constants. */
  readonly count: number
  /** Why parts could not be computed: a model with such a part fails when it runs. */
  readonly notes: readonly string[]
}

/**
 * Computes what depends on constants alone in the runtime, and stores it. Contents that follow without running anything are for the rule
 * `fold-known`.
 */
export async function foldConstants(model: Model, context: PassContext): Promise<Folded> {
  let count = 0
  const notes: string[] = []
  for (const graph of graphsOf(model.graph)) {
    const part = constantPart(graph)
    if (part.results.length === 0) continue
    const outputs = await computed(partModel(model, part), part, context)
    if (typeof outputs === 'string') notes.push(`Constants could not be computed ahead: ${outputs}`)
    else count += model.lineage.during('fold-constants', 'It depends on constants alone.', () => store(graph, part, outputs))
  }
  return { count, notes }
}

/** The results, or the sentence with which the runtime refused: the model holds what no runtime can compute, and stays as it is. */
async function computed(model: Model, { results }: ConstantPart, context: PassContext): Promise<Outputs | string> {
  const wanted = results.map(({ name }) => name)
  try {
    return await context.execute(model, {}, wanted)
  } catch (error) {
    const problem = problemOf(error)
    if (problem.kind !== 'runtime') throw error
    return problem.what
  }
}

function store(graph: Graph, { nodes, results }: ConstantPart, outputs: Outputs): number {
  let count = 0
  for (const value of results) {
    const data = outputs[value.name]
    if (data === undefined || data.strings !== undefined) continue
    graph.replaceUses(value, graph.addConstant(`${value.name}_folded`, tensorOf(data.dtype, data.dims, data.data)))
    count += 1
  }
  for (const node of nodes.toReversed()) {
    if (node.outputs.every((output) => !output.isOutput && output.uses.length === 0)) graph.removeNode(node)
  }
  return count
}

/** The constant part as a model without inputs. */
function partModel(model: Model, { nodes, results }: ConstantPart): Model {
  const part = new Model(model.header, model.opsets)
  const copies = new Map<Value, Value>()
  const find = (value: Value): Value => {
    const copy = copies.get(value) ?? part.graph.addInitializer(value.name, value.constant as NonNullable<Value['constant']>)
    copies.set(value, copy)
    return copy
  }
  for (const node of nodes) {
    const { opType, domain, attributes, overload } = node
    const inputs = node.inputs.map((value) => (value === null ? null : find(value)))
    const copy = part.graph.addNode({ opType, domain, attributes, overload, inputs, outputs: node.outputs.map(({ name }) => name) })
    node.outputs.forEach((output, i) => {
      const own = copy.outputs[i] as Value
      if (output.type !== null) part.graph.setType(own, output.type)
      copies.set(output, own)
    })
  }
  for (const value of results) part.graph.addOutput(find(value))
  return part.markOpened()
}
