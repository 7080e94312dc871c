import type { GraphView, NodeDetail } from '../api/graph-view.ts'
import { ProblemError } from '../api/problem.ts'
import { History } from '../diff/history.ts'
import type { Graph } from '../ir/graph.ts'
import type { Model } from '../ir/model.ts'
import { numbersOf } from '../ir/numbers.ts'
import { referencesOf } from '../ir/reference.ts'
import { countOf, type Tensor } from '../ir/tensor.ts'
import { typeText as knownTypeText } from '../ir/text.ts'
import type { Attribute, Node, NodeId, Value, ValueType } from '../ir/value.ts'
import { allNodes, graphsOf, outerReads, subgraphsOf } from '../ir/walk.ts'
import { layersOf } from '../structure/layer.ts'
import { roleOf } from '../structure/role.ts'
import { nodeRoles } from '../structure/structure.ts'
import { groupsOf } from './groups.ts'
import { structureAtHand } from './structures.ts'
import { typeAtHand, typeOf } from './value-types.ts'
import { weightStatistics } from './weight-statistics.ts'
import type { Found } from './workshop.ts'

type NodeView = GraphView['nodes'][number]

/**
 * A graph of a version as the screen needs it: structure without weights.
 * @param graph id of a subgraph (`<node id>/<index>`); the main graph unless given
 */
export function graphView({ source, model, steps }: Found, graph = ''): GraphView {
  const shown = graphOf(model, graph)
  const references = referencesOf(model)
  const layers = graph === '' ? layersByNode(model) : new Map<NodeId, { id: string; role: string }>()
  const roles = graph === '' ? rolesOf(model) : new Map<NodeId, string>()
  const blocks = graph === '' ? (structureAtHand(model)?.blocks ?? []) : []
  const { groups, paths } = groupsOf({ nodes: shown.nodes, source: nodesById(source.model), blocks, roleOf })
  const nodes = shown.nodes.map((node): NodeView => {
    const layer = layers.get(node.id)
    return {
      id: node.id,
      ref: references.get(node)!,
      opType: node.opType,
      domain: node.domain,
      name: node.name,
      path: [...(paths.get(node) ?? [])],
      layer: layer?.id ?? null,
      role: roles.get(node.id) ?? layer?.role ?? null,
      inputs: [...node.inputs.map((input) => input?.name ?? ''), ...readInside(node)],
      outputs: node.outputs.map(({ name }) => name),
      detail: detailOf(node),
      weightBytes: node.inputs.reduce((sum, input) => sum + (input?.constant?.ref.length ?? 0), 0),
      origins: [...node.origins],
      subgraphs: subgraphsOf(node).map((_, index) => `${node.id}/${index}`),
    }
  })
  return {
    version: steps.at(-1)?.stage ?? 'source',
    graph,
    nodes,
    groups,
    inputs: shown.inputs.map((value) => border(model, value)),
    outputs: shown.outputs.map((value) => border(model, value)),
    values: Object.fromEntries(
      valuesSeenFrom(shown).map((value) => [value.name, { type: typeText(typeAtHand(model, value)), constant: value.constant !== null }]),
    ),
  }
}

function rolesOf(model: Model): ReadonlyMap<NodeId, string> {
  const structure = structureAtHand(model)
  return structure === null ? new Map() : nodeRoles(structure)
}

const border = (model: Model, value: Value) => ({ name: value.name, type: typeText(typeOf(model, value)) })

function graphOf(model: Model, id: string): Graph {
  if (id === '') return model.graph
  const at = id.lastIndexOf('/')
  const owner = [...allNodes(model.graph)].find((node) => node.id === id.slice(0, at))
  const graph = owner === undefined ? undefined : subgraphsOf(owner)[Number(id.slice(at + 1))]
  if (graph !== undefined) return graph
  throw new ProblemError({
    kind: 'input',
    code: 'unknown-graph',
    what: `There is no subgraph '${id}'`,
    where: {},
    mend: 'Go back to the main graph.',
  })
}

function layersByNode(model: Model): Map<NodeId, { id: string; role: string }> {
  return new Map(
    layersOf(model).flatMap(({ id, role, nodes }) => nodes.map((node): [NodeId, { id: string; role: string }] => [node, { id, role }])),
  )
}

function nodesById(model: Model): Map<NodeId, Node> {
  return new Map([...allNodes(model.graph)].map((node) => [node.id, node]))
}

/** What only the subgraphs of a node read flows into the node all the same. */
function readInside(node: Node): readonly string[] {
  const named = new Set(node.inputs)
  return outerReads(node).flatMap((value) => (named.has(value) ? [] : [value.name]))
}

/** Values of the graph, and those of graphs around it that it reads. */
function valuesSeenFrom(graph: Graph): Value[] {
  const seen = new Set<Value>(graph.values)
  for (const inner of graphsOf(graph)) for (const node of inner.nodes) for (const input of node.inputs) if (input !== null) seen.add(input)
  return [...seen].filter(({ name }) => name !== '')
}

/** `float32[batch, 128]`; `?` where nothing is known. */
export const typeText = (type: ValueType | null): string => (type === null ? '?' : knownTypeText(type))

/** What tells one node from others of its kind at a glance: the weight's dims, a scalar, the axis. */
function detailOf(node: Node): string {
  const constants = node.inputs.flatMap((input) => input?.constant ?? [])
  const weight = constants.find(({ ref }) => ref.dims.length >= 2 && countOf(ref.dims) > 4)
  if (weight !== undefined) return weight.ref.dims.join('x')
  for (const name of ['kernel_shape', 'axis', 'axes', 'perm', 'to']) {
    const attribute = node.attributes.get(name)
    if (attribute !== undefined) return `${name.replace('_shape', '')} ${attributeText(attribute)}`
  }
  const [scalar] = constants.filter(({ ref }) => countOf(ref.dims) <= 4)
  return scalar === undefined ? '' : tensorText(scalar)
}

/** All that the inspector shows of a node. */
export function nodeDetail({ source, model, steps }: Found, id: string): NodeDetail {
  const node = [...allNodes(model.graph)].find((candidate) => candidate.id === id)
  if (node === undefined)
    throw new ProblemError({
      kind: 'input',
      code: 'unknown-node',
      what: `There is no node '${id}' in this version`,
      where: { node: id },
      mend: 'Select another one.',
    })
  const references = referencesOf(source.model)
  const byId = nodesById(source.model)
  return {
    id,
    ref: referencesOf(model).get(node)!,
    opType: node.opType,
    domain: node.domain,
    doc: node.doc,
    role: rolesOf(model).get(id) ?? layersByNode(model).get(id)?.role ?? null,
    attributes: [...node.attributes].map(([name, attribute]) => ({ name, type: attribute.type, value: attributeText(attribute) })),
    inputs: node.inputs.flatMap((input) =>
      input === null ? [] : [{ ...border(model, input), bytes: input.constant?.ref.length ?? null }],
    ),
    outputs: node.outputs.map((value) => border(model, value)),
    weights: node.inputs.flatMap((input) => {
      const found = input?.constant ? weightStatistics(input.constant) : null
      return found === null ? [] : [{ ...border(model, input!), ...found }]
    }),
    origins: [...node.origins].flatMap((origin) => references.get(byId.get(origin)!) ?? []),
    history: new History(source.model, steps).of(id).map(({ stage, rule, reason }) => ({ stage, rule, reason })),
  }
}

function attributeText(attribute: Attribute): string {
  switch (attribute.type) {
    case 'tensor':
      return tensorText(attribute.value)
    case 'tensors':
      return attribute.value.map(tensorText).join(', ')
    case 'graph':
      return `graph of ${attribute.value.nodeCount} nodes`
    case 'graphs':
      return attribute.value.map(({ nodeCount }) => `graph of ${nodeCount} nodes`).join(', ')
    case 'encoded':
      return `${attribute.value.byteLength} bytes`
    case 'int':
      return String(attribute.exact ?? attribute.value)
    case 'float':
    case 'string':
      return String(attribute.value)
    default:
      return attribute.value.join(', ')
  }
}

const shownElements = 8

function tensorText(tensor: Tensor): string {
  const { dtype, dims } = tensor.ref
  const type = `${dtype}[${dims.join(', ')}]`
  if (tensor.strings !== undefined || countOf(dims) > shownElements || /^(float8|float4|complex)/.test(dtype)) return type
  const text = [...numbersOf(tensor)].map((value) => Number(value.toPrecision(6))).join(', ')
  return dims.length === 0 ? text : `[${text}]`
}
