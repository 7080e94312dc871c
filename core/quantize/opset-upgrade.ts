import { ProblemError } from '../api/problem.ts'
import { int, intsOf } from '../ir/attributes.ts'
import type { Graph } from '../ir/graph.ts'
import type { Model } from '../ir/model.ts'
import { int64Tensor } from '../ir/numbers.ts'
import type { Attribute, Node } from '../ir/value.ts'
import { allNodes } from '../ir/walk.ts'

/** The oldest operator set that differs from 21 in nothing but what is converted here. */
const oldest = 13

/** Reductions whose axes moved from an attribute to an input with operator set 18 (ReduceSum did with 13). */
const reductions = new Set([
  'ReduceL1',
  'ReduceL2',
  'ReduceLogSum',
  'ReduceLogSumExp',
  'ReduceMax',
  'ReduceMean',
  'ReduceMin',
  'ReduceProd',
  'ReduceSumSquare',
])

/** What a node of an older operator set must become, by the set that changed its meaning. */
const conversions: readonly { readonly since: number; readonly operators: ReadonlySet<string>; convert(node: Node): void }[] = [
  {
    since: 16,
    operators: new Set(['RoiAlign']),
    convert: (node) => setDefault(node, 'coordinate_transformation_mode', text('output_half_pixel')),
  },
  { since: 18, operators: reductions, convert: axesToInput },
  { since: 18, operators: new Set(['Split']), convert: countOutputs },
  { since: 20, operators: new Set(['GridSample']), convert: renameMode },
  { since: 20, operators: new Set(['DFT']), convert: (node) => refuse(node) },
]

/**
 * Raises the standard operator set of a model to 21, for formats that need it, and converts the nodes whose form or defaults changed.
 * @throws ProblemError when the model is older than that can bridge
 */
export function upgradeTo21(model: Model): void {
  if (model.opset >= 21) return
  if (model.opset < oldest) throw tooOld(model.opset)
  for (const node of allNodes(model.graph)) {
    if (node.domain !== '') continue
    for (const { since, operators, convert } of conversions) if (model.opset < since && operators.has(node.opType)) convert(node)
  }
  model.opsets.set('', 21)
  model.header = { ...model.header, irVersion: Math.max(model.header.irVersion, 10) }
}

const text = (value: string): Attribute => ({ type: 'string', value })

function setDefault(node: Node, name: string, value: Attribute): void {
  if (!node.attributes.has(name)) node.graph.setAttributes(node, new Map([...node.attributes, [name, value]]))
}

const without = (node: Node, name: string) => new Map([...node.attributes].filter(([each]) => each !== name))

function axesToInput(node: Node): void {
  const axes = intsOf(node, 'axes')
  if (axes === null) return
  const graph = node.graph as Graph
  graph.setInput(node, 1, graph.addConstant(`${node.outputs[0]?.name ?? 'reduced'}_axes`, int64Tensor(axes)))
  graph.setAttributes(node, without(node, 'axes'))
}

function countOutputs(node: Node): void {
  if (node.inputs[1] == null) setDefault(node, 'num_outputs', int(node.outputs.length))
}

function renameMode(node: Node): void {
  const names: Readonly<Record<string, string>> = { bilinear: 'linear', bicubic: 'cubic' }
  const mode = node.attributes.get('mode')
  const before = mode?.type === 'string' ? mode.value : 'bilinear'
  node.graph.setAttributes(node, new Map([...node.attributes, ['mode', text(names[before] ?? before)]]))
}

function refuse(node: Node): never {
  throw new ProblemError({
    kind: 'unsupported',
    code: 'opset-too-old',
    what: `${node.opType} changed its inputs with operator set 20, and this cannot be bridged`,
    where: { node: node.name === '' ? `#${node.id}` : node.name },
    mend: 'Export the model with operator set 20 or newer, or use the MatMulNBits form.',
  })
}

const tooOld = (opset: number): ProblemError =>
  new ProblemError({
    kind: 'unsupported',
    code: 'opset-too-old',
    what: `This form needs operator set 21, and the model is written for ${opset}, which is older than ${oldest}`,
    where: {},
    mend: `Export the model with operator set ${oldest} or newer, or use the MatMulNBits form.`,
  })
