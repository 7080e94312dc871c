import { int, intOf } from '../ir/attributes.ts'
import { onnxCode } from '../ir/dtype.ts'
import type { Graph } from '../ir/graph.ts'
import type { Model } from '../ir/model.ts'
import { float32Tensor, numbersOf } from '../ir/numbers.ts'
import { tensorOf } from '../ir/tensor.ts'
import type { Node, Value } from '../ir/value.ts'
import { wholeRange } from './grid.ts'
import { dropUnread, Substitute } from './substitute.ts'
import { transposed } from './weight-matrix.ts'

/** A value as whole numbers with its grid. */
interface Whole {
  readonly value: Value
  readonly scale: Value
  readonly zeroPoint: Value | null
}

/** Which operators of ONNX Runtime's own domain may be used beside the standard ones. */
export interface QOperatorOptions {
  readonly microsoft: boolean
}

/**
 * Turns nodes between quantizers into the operators of 8-bit arithmetic that they stand for (QOperator form), for runtimes that do not look
 * for quantizers: QLinearConv, MatMulInteger, moves on whole numbers and, where the target has them, sums, joins and averages of
 * `com.microsoft`. What has no such operator stays between its quantizers. Results are those of the quantizers: MatMulInteger leaves in float
 * what they left in float. Gives back how many nodes were turned.
 */
export function toQOperators(model: Model, options: QOperatorOptions): number {
  let turned = 0
  for (const node of model.graph.nodes) {
    if (node.domain !== '' || !model.graph.has(node)) continue
    const turn = turns[node.opType] ?? (options.microsoft ? microsoftTurns[node.opType] : undefined)
    if (turn?.(model.graph, node) === true) turned++
  }
  if (turned > 0) removeUnread(model)
  const used = model.graph.nodes.some(({ domain }) => domain === 'com.microsoft')
  if (used) model.opsets.set('com.microsoft', model.opsets.get('com.microsoft') ?? 1)
  return turned
}

type Turn = (graph: Graph, node: Node) => boolean

const turns: Readonly<Record<string, Turn>> = {
  Conv: convolution,
  MatMul: product,
  Gemm: product,
  MaxPool: carrier,
  Reshape: carrier,
  Transpose: carrier,
  Flatten: carrier,
  Squeeze: carrier,
  Unsqueeze: carrier,
  Slice: carrier,
}

const microsoftTurns: Readonly<Record<string, Turn>> = {
  Add: (graph, node) => linear(graph, node, 'QLinearAdd'),
  AveragePool: (graph, node) => linear(graph, node, 'QLinearAveragePool'),
  GlobalAveragePool: (graph, node) => linear(graph, node, 'QLinearGlobalAveragePool'),
  Concat: join,
}

/** The whole numbers behind a DequantizeLinear. */
function wholeOf(value: Value | null | undefined): Whole | null {
  const producer = value?.producer
  if (producer?.opType !== 'DequantizeLinear' || producer.domain !== '') return null
  const [whole, scale, zeroPoint = null] = producer.inputs
  return whole && scale ? { value: whole, scale, zeroPoint } : null
}

/** The quantizer that alone reads a result, also behind a cut-off that its grid makes anyway. */
function quantizerBehind(output: Value): Node | null {
  const [use, ...others] = output.uses
  if (use === undefined || others.length > 0 || output.isOutput) return null
  if (use.node.opType === 'QuantizeLinear' && use.index === 0) return use.node
  if (use.node.opType !== 'Relu' && use.node.opType !== 'Clip') return null
  const next = use.node.outputs[0] as Value
  const quantizer = next.uses.length === 1 && !next.isOutput ? quantizerBehind(next) : null
  return quantizer !== null && covers(use.node, quantizer) ? quantizer : null
}

/** Whether the grid of a quantizer holds nothing that a cut-off would cut off. */
function covers(cutOff: Node, { inputs }: Node): boolean {
  const [, scale, zeroPoint] = inputs
  if (!scale?.constant || !zeroPoint?.constant) return false
  const step = Number([...numbersOf(scale.constant)][0])
  const zero = Number([...numbersOf(zeroPoint.constant)][0])
  const range = wholeRange(zeroPoint.constant.ref.dtype === 'int8' ? 'int8' : 'uint8')
  if (range.low - zero < 0) return false
  if (cutOff.opType === 'Relu') return true
  const [, low, high] = cutOff.inputs
  const bound = (value: Value | null | undefined, name: string, otherwise: number) => {
    const attribute = cutOff.attributes.get(name)
    if (attribute?.type === 'float') return attribute.value
    return value?.constant ? Number([...numbersOf(value.constant)][0]) : otherwise
  }
  const slack = step / 2
  return bound(low, 'min', 0) <= 0 && bound(high, 'max', Number.POSITIVE_INFINITY) >= (range.high - zero) * step - slack
}

function convolution(graph: Graph, node: Node): boolean {
  const [activation, weight] = [wholeOf(node.inputs[0]), wholeOf(node.inputs[1])]
  const bias = wholeOf(node.inputs[2])
  const quantizer = quantizerBehind(node.outputs[0] as Value)
  if (activation === null || weight === null || quantizer === null || (node.inputs[2] && bias === null)) return false
  const [, scale, zeroPoint] = quantizer.inputs as readonly [Value, Value, Value]
  const inputs = [...parts(graph, activation), ...parts(graph, weight), scale, zeroPoint, ...(bias ? [bias.value] : [])]
  replaceQuantizer(graph, quantizer, new Substitute(node).op('QLinearConv', inputs, { attributes: node.attributes }))
  return true
}

/** MatMulInteger and its scale; what reads the result goes on in float. */
function product(graph: Graph, node: Node): boolean {
  const [activation, weight] = [wholeOf(node.inputs[0]), wholeOf(node.inputs[1])]
  if (activation?.scale.constant == null || weight?.value.constant == null || weight.scale.constant == null) return false
  const turned = node.opType === 'Gemm' && intOf(node, 'transB', 0) !== 0
  const make = new Substitute(node)
  const [activationScale = 1] = numbersOf(activation.scale.constant)
  const scales = Float32Array.from(numbersOf(weight.scale.constant), (scale) => Number(scale) * Number(activationScale))
  const factors = Substitute.constant(weight.value, '_product_scale', float32Tensor(scales.length > 1 ? [scales.length] : [], scales))
  const operand = turned ? transposedConstant(weight.value) : weight.value
  const zeros = [activation.zeroPoint ?? zeroOf(graph, activation), scalarZero(weight)]
  const sums = make.op('MatMulInteger', [activation.value, operand, ...zeros])
  const real = make.op('Mul', [make.op('Cast', [sums], { suffix: '/to-float', attributes: toFloat }), factors], { suffix: '/to-real' })
  const bias = node.inputs[2]
  make.finish(bias ? make.op('Add', [real, bias], { suffix: '/bias' }) : real)
  return true
}

const toFloat = { to: int(onnxCode('float32')) }

/** Weights have one zero point for all channels; MatMulInteger wants it as a scalar. */
function scalarZero({ value, zeroPoint }: Whole): Value {
  const [zero = 0] = zeroPoint?.constant ? numbersOf(zeroPoint.constant) : [0]
  const dtype = value.constant?.ref.dtype === 'uint8' ? 'uint8' : 'int8'
  return Substitute.constant(value, '_zero', tensorOf(dtype, [], Uint8Array.of(Number(zero))))
}

function transposedConstant(value: Value): Value {
  const tensor = value.constant
  if (tensor === null) throw new Error(`'${value.name}' is no constant`)
  const [rows = 0, columns = 0] = tensor.ref.dims
  return Substitute.constant(value, '_t', tensorOf(tensor.ref.dtype, [columns, rows], transposed(tensor.read().slice(), rows, columns)))
}

/** Moves whole numbers as they are, where input and output share a grid. */
function carrier(graph: Graph, node: Node): boolean {
  const activation = wholeOf(node.inputs[0])
  const quantizer = quantizerBehind(node.outputs[0] as Value)
  if (activation === null || quantizer === null) return false
  const [, scale, zeroPoint = null] = quantizer.inputs
  if (scale !== activation.scale || zeroPoint !== activation.zeroPoint) return false
  const inputs = [activation.value, ...node.inputs.slice(1)]
  replaceQuantizer(graph, quantizer, new Substitute(node).op(node.opType, inputs, { attributes: node.attributes }))
  return true
}

function linear(graph: Graph, node: Node, opType: string): boolean {
  const wholes = node.inputs.map(wholeOf)
  const quantizer = quantizerBehind(node.outputs[0] as Value)
  if (quantizer === null || wholes.some((whole) => whole === null)) return false
  const [, scale, zeroPoint] = quantizer.inputs as readonly [Value, Value, Value]
  const inputs = [...wholes.flatMap((whole) => parts(graph, whole as Whole)), scale, zeroPoint]
  const make = new Substitute(node)
  replaceQuantizer(graph, quantizer, make.op(opType, inputs, { domain: 'com.microsoft', attributes: node.attributes }))
  return true
}

function join(graph: Graph, node: Node): boolean {
  const wholes = node.inputs.map(wholeOf)
  const quantizer = quantizerBehind(node.outputs[0] as Value)
  if (quantizer === null || wholes.some((whole) => whole === null)) return false
  const [, scale, zeroPoint] = quantizer.inputs as readonly [Value, Value, Value]
  const inputs = [scale, zeroPoint, ...wholes.flatMap((whole) => parts(graph, whole as Whole))]
  const make = new Substitute(node)
  replaceQuantizer(graph, quantizer, make.op('QLinearConcat', inputs, { domain: 'com.microsoft', attributes: node.attributes }))
  return true
}

/** Whole numbers, scale and zero point, as the operators want them in a row. */
const parts = (graph: Graph, whole: Whole): Value[] => [whole.value, whole.scale, whole.zeroPoint ?? zeroOf(graph, whole)]

function zeroOf(graph: Graph, { value }: Whole): Value {
  const dtype = value.constant?.ref.dtype ?? 'uint8'
  return graph.addConstant(`${value.name}_zero`, tensorOf(dtype, [], Uint8Array.of(0)))
}

function replaceQuantizer(graph: Graph, quantizer: Node, by: Value): void {
  const old = quantizer.outputs[0] as Value
  if (old.type !== null) graph.setType(by, old.type)
  graph.replaceUses(old, by)
}

/** Nodes whose results nobody reads any more, from the last to the first. */
function removeUnread({ graph }: Model): void {
  for (const node of graph.nodes.toReversed()) {
    if (!removable.has(node.opType) || node.outputs.some((output) => output.isOutput || output.uses.length > 0)) continue
    const read = node.inputs.filter((value): value is Value => value !== null)
    graph.removeNode(node)
    dropUnread(read.filter((value) => value.producer === null))
  }
}

const removable: ReadonlySet<string> = new Set([
  ...Object.keys(turns),
  ...Object.keys(microsoftTurns),
  ...['QuantizeLinear', 'DequantizeLinear', 'Relu', 'Clip'],
])
