import type { Node, Value } from '../../ir/value.ts'
import { input, number, output, text } from '../attributes.ts'
import type { Conversion, Lowering, LoweringContext } from '../conversion.ts'
import type { TfliteQuantization } from '../file.ts'
import { quantizationOf, quantizedConstant, sameQuantization, sinkOf, storedTypeOf, unsignedOffset } from '../quantized.ts'
import { Unconvertible } from '../unconvertible.ts'
import { convolution } from './convolution.ts'
import { elementwise } from './elementwise.ts'
import { movement } from './movement.ts'
import { products } from './products.ts'
import { reductions } from './reductions.ts'
import { resampling } from './resampling.ts'
import { hasEightBitKernel, transposedConvolution } from './transposed-convolution.ts'

/** To 8 bits: free when the kernel before gave them out already, else a QUANTIZE (which also goes from one scale to another). */
const quantize: Lowering = ({ node, to }) => {
  const [value, result] = [input(node, 0), output(node)]
  const quantization = quantizationOf(node, storedTypeOf(result), to.dims(value).length)
  if (quantization === null || quantization.scale.length > 1)
    throw new Unconvertible(
      'activations quantized per channel, in another width, or with computed scales',
      'Use 8 bits per tensor for activations.',
    )
  const twin = to.twin(value)
  if (twin !== null && sameQuantization(to.quantizationOf(twin), quantization)) return to.put(result, twin.tensor, twin.perm)
  const source = twin ?? to.placed(value)
  const dims = to.tensorAt(source.tensor).shape
  to.put(result, to.emit('QUANTIZE', { inputs: [source.tensor], dims, dtype: 'int8', quantization, name: result.name }), source.perm)
}

/** From 8 bits: the float value has an 8-bit twin from here on, and becomes float only where someone needs it so. */
const dequantize: Lowering = ({ node, to }) => {
  const [stored, result] = [input(node, 0), output(node)]
  if (stored.constant !== null) {
    if (quantizedConstant(result) === null)
      throw new Unconvertible(
        `the constant '${stored.name}' is quantized in a way that the runtime does not know`,
        'Use 8 bits with one scale, or one a channel.',
      )
    return
  }
  const place = to.placed(stored)
  if (to.tensorAt(place.tensor).quantization === null) to.quantize(place.tensor, gridOf(node, stored))
  const { dtype, shape: dims } = to.tensorAt(place.tensor)
  if (dtype === 'int8') return to.put(result, place.tensor, place.perm)
  const quantization = quantizationOf(node, dtype, dims.length) as TfliteQuantization
  to.put(result, to.emit('QUANTIZE', { inputs: [place.tensor], dims, dtype: 'int8', quantization }), place.perm)
}

/** The grid of an input that comes quantized, as the file's tensor has it: all that read it must take it by the same. */
function gridOf(node: Node, stored: Value): TfliteQuantization {
  const dtype = storedTypeOf(stored)
  const grids = stored.uses.map((use) => (use.node.opType === 'DequantizeLinear' ? quantizationOf(use.node, dtype, 0) : null))
  const own = quantizationOf(node, dtype, 0)
  const isShared = own !== null && own.scale.length === 1 && grids.every((grid) => grid !== null && sameQuantization(grid, own))
  if (!stored.isInput || !isShared || dtype === 'int32')
    throw new Unconvertible(
      `'${stored.name}' holds quantized numbers in a way that the runtime does not know`,
      'Use 8 bits with one scale, and quantizers (QuantizeLinear, DequantizeLinear) on both sides of each operator.',
    )
  return dtype === 'uint8' ? { ...own, zeroPoint: own.zeroPoint.map((zero) => zero + unsignedOffset) } : own
}

const floats = (node: Node): readonly Value[] =>
  node.inputs.filter((value) => value !== null && value.type?.kind === 'tensor' && value.type.dtype === 'float32') as Value[]

/** The one quantization that the first, or all, of the float inputs have; `null` when there is none. */
function sharedQuantization({ node, to }: LoweringContext, which: 'first' | 'all'): TfliteQuantization | null {
  const twins = (which === 'all' ? floats(node) : [input(node, 0)]).map((value) => to.twin(value))
  const [first] = twins
  if (first == null) return null
  const quantization = to.quantizationOf(first)
  return twins.every((twin) => twin !== null && sameQuantization(to.quantizationOf(twin), quantization)) ? quantization : null
}

/** Operators that only move elements or pick among them compute on 8 bits as they are. */
const moves =
  (lowering: Lowering, which: 'first' | 'all' = 'all'): EightBit =>
  (context) => {
    const quantization = sharedQuantization(context, which)
    if (quantization === null) return false
    context.to.inEightBits(quantization, () => lowering(context))
    return true
  }

const hasEightBits = (to: Conversion, value: Value): boolean =>
  to.twin(value) !== null || (quantizedConstant(value)?.quantization.scale.length === 1 && quantizedConstant(value)?.dtype === 'int8')

/** Kernels that apply a Relu to what they give out. */
const fusing: ReadonlySet<string> = new Set(['Add', 'Sub', 'Mul'])

/** Operators that rescale: they need to know the scale of what they give out. */
const rescales =
  (lowering: Lowering): EightBit =>
  (context) => {
    const { node, to } = context
    const sink = sinkOf(output(node)) ?? (fusing.has(node.opType) ? sinkBehindRelu(output(node)) : null)
    if (sink === null || !floats(node).every((value) => hasEightBits(to, value))) return false
    to.inEightBits(sink, () => lowering(context))
    return true
  }

/** Kernels that give out one grid alone, as LOGISTIC does: on any other their node is float. */
const onGrid =
  (lowering: Lowering, grid: TfliteQuantization): EightBit =>
  (context) => {
    const sink = sinkOf(output(context.node))
    return sink !== null && sameQuantization(sink, grid) && rescales(lowering)(context)
  }

/** Convolutions and matrix products with 8-bit weights, whose scales run along `channels`. The sink may lie behind a Relu, which the kernel then applies. */
const weighted =
  (lowering: Lowering, channels: (node: Node) => number): EightBit =>
  (context) => {
    const { node, to } = context
    const weights = quantizedConstant(input(node, 1))
    const sink = sinkOf(output(node)) ?? sinkBehindRelu(output(node))
    if (sink === null || weights === null || weights.dtype !== 'int8' || to.twin(input(node, 0)) === null) return false
    const { scale, zeroPoint, axis } = weights.quantization
    if (zeroPoint.some((zero) => zero !== 0) || (scale.length > 1 && axis !== channels(node))) return false
    to.inEightBits(sink, () => lowering(context))
    return true
  }

function sinkBehindRelu(value: Value): TfliteQuantization | null {
  const reader = value.uses.length === 1 && !value.isOutput ? value.uses[0]?.node : undefined
  return reader?.opType === 'Relu' || reader?.opType === 'Clip' ? sinkOf(reader.outputs[0] as Value) : null
}

/** Tries to lower a node in 8 bits; `false` when it has to be float. */
type EightBit = (context: LoweringContext) => boolean

const of = (lowerings: Readonly<Record<string, Lowering>>, name: string): Lowering => lowerings[name] as Lowering

export const eightBit: Readonly<Record<string, EightBit>> = {
  Conv: weighted(of(convolution, 'Conv'), () => 0),
  ConvTranspose: (context) => hasEightBitKernel(context) && weighted(of(transposedConvolution, 'ConvTranspose'), () => 1)(context),
  Gemm: weighted(of(products, 'Gemm'), (node) => (number(node, 'transB', 0) === 1 ? 0 : 1)),
  MatMul: (context) => weighted(of(products, 'MatMul'), () => 1)(context) || rescales(of(products, 'MatMul'))(context),
  Add: rescales(of(elementwise, 'Add')),
  Sub: rescales(of(elementwise, 'Sub')),
  Mul: rescales(of(elementwise, 'Mul')),
  Relu: rescales(of(elementwise, 'Relu')),
  Sigmoid: onGrid(of(elementwise, 'Sigmoid'), { scale: [1 / 256], zeroPoint: [-128], axis: 0 }),
  GlobalAveragePool: rescales(of(convolution, 'GlobalAveragePool')),
  ReduceMean: rescales(of(reductions, 'ReduceMean')),
  LeakyRelu: rescales(of(elementwise, 'LeakyRelu')),
  HardSwish: rescales(of(elementwise, 'HardSwish')),
  Resize: (context) => text(context.node, 'mode', 'nearest') === 'nearest' && moves(of(resampling, 'Resize'), 'first')(context),
  DepthToSpace: moves(of(resampling, 'DepthToSpace')),
  SpaceToDepth: moves(of(resampling, 'SpaceToDepth')),
  MaxPool: moves(of(convolution, 'MaxPool')),
  AveragePool: moves(of(convolution, 'AveragePool')),
  ...Object.fromEntries(
    ['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Transpose', 'Concat', 'Slice', 'Split', 'Gather', 'Expand', 'Tile', 'Pad'].map(
      (name) => [name, moves(of(movement, name))],
    ),
  ),
}

export const quantization: Readonly<Record<string, Lowering>> = {
  QuantizeLinear: quantize,
  DequantizeLinear: dequantize,
  'com.microsoft:QuantizeLinear': quantize,
  'com.microsoft:DequantizeLinear': dequantize,
}
