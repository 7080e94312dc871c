import { numbersOf } from '../../ir/numbers.ts'
import type { Tensor } from '../../ir/tensor.ts'
import type { Value } from '../../ir/value.ts'
import { Arithmetic } from '../arithmetic.ts'
import { input, number, numbers, optional, output, text } from '../attributes.ts'
import type { Conversion, Lowering, LoweringContext } from '../conversion.ts'
import type { TfliteQuantization } from '../file.ts'
import { type Result, resultOf } from '../fused.ts'
import { channelsLast, store } from '../layout.ts'
import { Unconvertible } from '../unconvertible.ts'
import { storeBias, storeWeights, type Weights, weightsOf } from '../weights.ts'
import { slidingMax, slidingMean } from './sliding.ts'
import { ceiled, lowest, type Space, spaceOf } from './window.ts'

/** What the runtime calls SAME: the output is ceil(input / stride), missing space split with the larger half at the end. */
const isSame = ({ kernel, strides, dilations, pads }: Space, dims: readonly number[]): boolean =>
  pads.every(([begin, end], i) => {
    const [size, step] = [dims[i] as number, strides[i] as number]
    const reach = ((kernel[i] as number) - 1) * (dilations[i] as number) + 1
    const total = Math.max(0, (Math.ceil(size / step) - 1) * step + reach - size)
    return begin === Math.floor(total / 2) && end === total - begin
  })

const isValid = ({ pads }: Space): boolean => pads.every(([begin, end]) => begin === 0 && end === 0)

/** The image in channels-last order, padded where the window wants more than SAME gives; and the padding mode that remains. */
export function paddedImage(to: Conversion, image: Value, space: Space, fill: number): { tensor: number; padding: 0 | 1 } {
  const dims = to.dims(image)
  const tensor = to.stored(image, channelsLast(dims.length))
  const size = dims.slice(2)
  if (isValid(space)) return { tensor, padding: 1 }
  if (isSame(space, size) && fill === 0 && size.every((dim) => dim > 0)) return { tensor, padding: 0 }
  return { tensor: pad(to, tensor, space.pads, fill), padding: 1 }
}

/** Pads the space of a channels-last image. */
export function pad(to: Conversion, tensor: number, pads: Space['pads'], fill: number): number {
  const { shape, dtype, quantization } = to.tensorAt(tensor)
  const around = [[0, 0], ...pads, [0, 0]]
  const dims = shape.map((dim, i) => (dim < 0 ? dim : dim + (around[i]?.[0] ?? 0) + (around[i]?.[1] ?? 0)))
  const spec = { dims, dtype, quantization }
  const amounts = to.ints(around.flat(), [shape.length, 2])
  if (fill === 0) return to.emit('PAD', { ...spec, inputs: [tensor, amounts] })
  return to.emit('PADV2', { ...spec, inputs: [tensor, amounts, dtype === 'int8' ? leastByte(to, quantization) : to.floats([fill])] })
}

/** What a maximum over 8-bit numbers never picks. */
const leastByte = (to: Conversion, quantization: TfliteQuantization | null): number =>
  to.constant(Uint8Array.of(0x80), { name: 'least', dtype: 'int8', shape: [], quantization })

/** Conv of one or two axes of space; one axis becomes a height of 1. */
const conv: Lowering = ({ node, to }) => {
  const weights = weightsOf(to, input(node, 1))
  const image = input(node, 0)
  const result = resultOf(to, output(node))
  if (weights.dims.length === 3) return conv1d({ node, to }, weights, result)
  if (weights.dims.length !== 4) {
    throw new Unconvertible(
      `a convolution over ${weights.dims.length - 2} axes of space`,
      'Only one and two axes of space can be converted.',
    )
  }
  const space = spaceOf(node, weights.dims.slice(2), to.dims(image).slice(2))
  const { tensor, padding } = paddedImage(to, image, space, 0)
  const out = store(to.dims(result.value), channelsLast(4))
  to.put(result.value, window({ node, to }, weights, { tensor, padding, space, out, result }), channelsLast(4))
}

/** A convolution with its activation, as onnxruntime fuses them, and a sum before that where there is a fourth input. */
const fusedConv: Lowering = (context) => {
  const { node, to } = context
  const result = output(node)
  conv(context)
  const a = new Arithmetic(to)
  const { tensor, perm } = to.placed(result)
  const addend = optional(node, 3)
  const sum = addend === null ? tensor : a.binary('ADD', tensor, to.stored(addend, perm))
  const parameters = numbers(node, 'activation_params') ?? []
  to.put(result, activated(a, sum, { name: text(node, 'activation', ''), parameters }), perm)
}

function activated(a: Arithmetic, x: number, { name, parameters }: { name: string; parameters: readonly number[] }): number {
  const [first = 0, second = 0] = parameters
  if (name === '') return x
  if (name === 'Relu') return a.unary('RELU', x)
  if (name === 'Sigmoid') return a.unary('LOGISTIC', x)
  if (name === 'Tanh') return a.unary('TANH', x)
  if (name === 'LeakyRelu') return a.unary('LEAKY_RELU', x, { alpha: parameters.length > 0 ? first : 0.01 })
  if (name === 'Clip') return a.with('MINIMUM', a.with('MAXIMUM', x, first), second)
  if (name === 'HardSigmoid') return a.with('MINIMUM', a.with('MAXIMUM', a.with('ADD', a.with('MUL', x, first), second), 0), 1)
  throw new Unconvertible(`a convolution fused with ${name}`, 'Export the model without fused convolutions.')
}

interface Window {
  /** The image, channels last. */
  readonly tensor: number
  readonly padding: 0 | 1
  readonly space: Space
  readonly out: readonly number[]
  readonly result: Result
}

/** The convolution itself, depthwise or not. A height of 1 is made up for one axis of space. */
function window({ node, to }: LoweringContext, weights: Weights, { tensor, padding, space, out, result }: Window): number {
  const [outputs = 0, inputsPerGroup = 0] = weights.dims
  const group = number(node, 'group', 1)
  const [height = 1, width = 1] = space.kernel
  const image = { ...weights, dims: [outputs, inputsPerGroup, height, width] }
  const [strideH = 1, strideW = 1] = space.strides
  const [dilationH = 1, dilationW = 1] = space.dilations
  const bias = storeBias(to, optional(node, 2), { count: outputs, weights, source: tensor })
  const options = { padding, strideH, strideW, dilationH, dilationW, activation: result.activation }
  const spec = { dims: out, dtype: weights.widened ? ('float32' as const) : weights.dtype, name: result.value.name }
  if (group > 1 && inputsPerGroup === 1) {
    const filter = storeWeights(to, image, { perm: [1, 2, 3, 0] })
    return to.emit('DEPTHWISE_CONV_2D', {
      ...spec,
      inputs: [tensor, filter, bias],
      options: { ...options, depthMultiplier: outputs / group },
    })
  }
  const filter = storeWeights(to, image, { perm: [0, 2, 3, 1] })
  return to.emit('CONV_2D', { ...spec, inputs: [tensor, filter, bias], options })
}

/** One axis of space: [batch, channels, length] as an image of height 1. */
function conv1d({ node, to }: LoweringContext, weights: Weights, result: Result): void {
  const image = input(node, 0)
  const [batch = -1, channels = -1, length = -1] = to.dims(image)
  const [, outputs = -1, outLength = -1] = to.dims(result.value)
  const line = spaceOf(node, weights.dims.slice(2), [length])
  const space: Space = {
    kernel: [1, ...line.kernel],
    strides: [1, ...line.strides],
    dilations: [1, ...line.dilations],
    pads: [[0, 0], ...line.pads],
  }
  const raised = to.reshape(to.stored(image, channelsLast(3)), [batch, 1, length, channels])
  const tensor = isValid(space) ? raised : pad(to, raised, space.pads, 0)
  const made = window({ node, to }, weights, { tensor, padding: 1, space, out: [batch, 1, outLength, outputs], result })
  to.put(result.value, to.reshape(made, [batch, outLength, outputs]), channelsLast(3))
}

const pair = (values: readonly number[]): [number, number] =>
  values.length === 1 ? [1, values[0] as number] : [values[0] as number, values[1] as number]

/** Max and average pooling: the runtime's kernels for two axes of space without dilation, slices for everything else. */
const pool =
  (kind: 'MAX_POOL_2D' | 'AVERAGE_POOL_2D', inParts: Lowering): Lowering =>
  ({ node, to }) => {
    const [image, result] = [input(node, 0), output(node)]
    if (node.outputs.length > 1 && node.outputs[1]?.name !== '')
      throw new Unconvertible('the places of the largest elements are asked for', 'Leave the second output of MaxPool unused.')
    if (to.dtype(image) !== 'float32' && !to.computesInEightBits)
      throw new Unconvertible(`pooling of ${to.dtype(image)}`, 'Only floats and quantized numbers can be pooled.')
    const kernel = numbers(node, 'kernel_shape') ?? []
    if (kernel.length !== 2 || (numbers(node, 'dilations') ?? []).some((step) => step !== 1)) return inParts({ node, to })
    const size = to.dims(image).slice(2)
    const given = spaceOf(node, kernel, size)
    const space = ceiled(given, { size, out: to.dims(result).slice(2) })
    const max = kind === 'MAX_POOL_2D'
    const counted = number(node, 'count_include_pad', 0) === 1 ? given.pads : given.pads.map(() => [0, 0] as const)
    const isWhole = space.pads.every(([begin, end], i) => begin === counted[i]?.[0] && end === counted[i]?.[1])
    if (!max && !isWhole && !(number(node, 'count_include_pad', 0) === 0 && isSame(space, size)))
      return averageOfPart({ node, to }, space, counted)
    const { tensor, padding } = paddedImage(to, image, space, max ? lowest : 0)
    const [strideH, strideW] = pair(space.strides)
    const out = store(to.dims(result), channelsLast(4))
    const options = {
      padding: !max && number(node, 'count_include_pad', 0) === 1 && padding === 0 ? 1 : padding,
      strideH,
      strideW,
      filterH: kernel[0] ?? 1,
      filterW: kernel[1] ?? 1,
    }
    const source = options.padding === padding ? tensor : pad(to, tensor, space.pads, 0)
    to.put(result, to.emit(kind, { inputs: [source], dims: out, dtype: to.dtype(result), options, name: result.name }), channelsLast(4))
  }

/**
 * Average over the part of the window that lies in the image or in the padding that counts: sums of a padded image over the numbers of elements,
 * which depend on the shape alone. What `ceil_mode` adds behind the padding counts for nothing.
 */
function averageOfPart({ node, to }: Parameters<Lowering>[0], space: Space, counted: Space['pads']): void {
  const [image, result] = [input(node, 0), output(node)]
  const size = to.dims(image).slice(2)
  const out = to.dims(result)
  const tensor = pad(to, to.stored(image, channelsLast(4)), space.pads, 0)
  const [strideH, strideW] = pair(space.strides)
  const [filterH = 1, filterW = 1] = space.kernel
  const dims = store(out, channelsLast(4))
  const average = to.emit('AVERAGE_POOL_2D', {
    inputs: [tensor],
    dims,
    dtype: 'float32',
    options: { padding: 1, strideH, strideW, filterH, filterW },
  })
  const inside = (axis: number): number[] =>
    Array.from({ length: out[axis + 2] as number }, (_, at) => {
      const begin = at * (space.strides[axis] as number) - (space.pads[axis]?.[0] ?? 0)
      const [before, after] = counted[axis] as readonly [number, number]
      return Math.min(begin + (space.kernel[axis] as number), (size[axis] as number) + after) - Math.max(begin, -before)
    })
  const [rows, columns] = [inside(0), inside(1)]
  const scale = rows.flatMap((height) => columns.map((width) => (filterH * filterW) / (height * width)))
  to.put(
    result,
    to.emit('MUL', { inputs: [average, to.floats(scale, [1, rows.length, columns.length, 1])], dims, dtype: 'float32', name: result.name }),
    channelsLast(4),
  )
}

/** Global pooling is a reduction over all axes of space. */
const globalPool =
  (operator: 'MEAN' | 'REDUCE_MAX'): Lowering =>
  ({ node, to }) => {
    const [image, result] = [input(node, 0), output(node)]
    const rank = to.dims(image).length
    const perm = channelsLast(rank)
    const axes = to.ints(Array.from({ length: rank - 2 }, (_, i) => i + 1))
    const dims = store(to.dims(result), perm)
    to.put(
      result,
      to.emit(operator, {
        inputs: [to.stored(image, perm), axes],
        dims,
        dtype: to.dtype(result),
        options: { keepDims: true },
        name: result.name,
      }),
      perm,
    )
  }

const required = (value: Value): Tensor => {
  if (value.constant === null) throw new Unconvertible(`'${value.name}' is computed, and must be a constant here`, 'Run clean-up first.')
  return value.constant
}

/** BatchNormalization that no convolution could take in: one multiplication and one addition per channel. */
const batchNormalization: Lowering = ({ node, to }) => {
  if (number(node, 'training_mode', 0) === 1) throw new Unconvertible('a normalization in training mode', 'Export the model for inference.')
  const [scale, shift, mean, variance] = [1, 2, 3, 4].map((index) => [...numbersOf(required(input(node, index)))])
  const epsilon = number(node, 'epsilon', 1e-5)
  const factor = (scale ?? []).map((value, i) => value / Math.sqrt((variance?.[i] ?? 0) + epsilon))
  const offset = factor.map((value, i) => (shift?.[i] ?? 0) - (mean?.[i] ?? 0) * value)
  const image = input(node, 0)
  const rank = to.dims(image).length
  const perm = channelsLast(rank)
  const spec = { dims: store(to.dims(image), perm), dtype: 'float32' as const }
  const alongLast = rank >= 3 ? [factor.length] : [1, factor.length]
  const scaled = to.emit('MUL', { ...spec, inputs: [to.stored(image, perm), to.floats(factor, alongLast)] })
  to.put(output(node), to.emit('ADD', { ...spec, inputs: [scaled, to.floats(offset, alongLast)], name: output(node).name }), perm)
}

export const convolution: Readonly<Record<string, Lowering>> = {
  Conv: conv,
  'com.microsoft:FusedConv': fusedConv,
  MaxPool: pool('MAX_POOL_2D', (context) => slidingMax(context)),
  AveragePool: pool('AVERAGE_POOL_2D', (context) => slidingMean(context)),
  GlobalAveragePool: globalPool('MEAN'),
  GlobalMaxPool: globalPool('REDUCE_MAX'),
  BatchNormalization: batchNormalization,
}
