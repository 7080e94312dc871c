import type { Node } from '../../ir/value.ts'
import { Arithmetic } from '../arithmetic.ts'
import { input, number, numbers, optional, output, text } from '../attributes.ts'
import type { Conversion, Lowering, LoweringContext } from '../conversion.ts'
import { channelsLast, permuteBytes } from '../layout.ts'
import { Unconvertible } from '../unconvertible.ts'
import { floatWeights, storeBias, storeWeights, type Weights, weightsOf } from '../weights.ts'

/** One or two axes of space as two: a height of 1 is made up for one. */
interface Space {
  readonly size: readonly number[]
  readonly kernel: readonly number[]
  readonly strides: readonly number[]
  readonly dilations: readonly number[]
  /** Elements cut off the whole result, at the begin of each axis. */
  readonly begins: readonly number[]
  readonly out: readonly number[]
}

/** ConvTranspose as the whole transposed convolution, cut to what padding leaves. The runtime has no groups and no dilation: one convolution a group, kernels with zeros between. */
const convTranspose: Lowering = (context) => {
  const { node, to } = context
  const weights = weightsOf(to, input(node, 1))
  const rank = weights.dims.length
  if (rank > 4)
    throw new Unconvertible(`a transposed convolution over ${rank - 2} axes of space`, 'Only one and two axes can be converted.')
  const a = new Arithmetic(to)
  const [image, result] = [input(node, 0), output(node)]
  const perm = channelsLast(rank)
  const dims = to.dims(image)
  const space = spaceOf(context, weights.dims.slice(2))
  const [batch = 1, channels = 1] = dims
  const stored = to.stored(image, perm)
  const raised = rank === 4 ? stored : to.reshape(stored, [batch, 1, dims[2] as number, channels])
  const groups = number(node, 'group', 1)
  const outputs = (weights.dims[1] as number) * groups
  const whole = to.computesInEightBits
    ? inEightBits(context, weights, { image: raised, space })
    : inFloat(context, weights, { image: raised, space })
  const cut = fitted(a, whole, space)
  const bias = to.computesInEightBits ? null : optional(node, 2)
  const sum = bias === null ? cut : a.binary('ADD', cut, to.plain(bias))
  to.put(result, rank === 4 ? sum : to.reshape(sum, [batch, space.out[1] as number, outputs]), perm)
}

interface Whole {
  /** The image, channels last. */
  readonly image: number
  readonly space: Space
}

/** One kernel that takes 8-bit weights as they are, and a bias. */
function inEightBits({ node, to }: LoweringContext, weights: Weights, { image, space }: Whole): number {
  const [, outputs = 1] = weights.dims
  const [own = 1] = weights.dims
  const [height = 1, width = 1] = space.kernel
  const filter = storeWeights(to, { ...weights, dims: [own, outputs, height, width] }, { perm: [1, 2, 3, 0] })
  const bias = storeBias(to, optional(node, 2), { count: outputs, weights, source: image })
  const shape = [to.tensorAt(image).shape[0] as number, ...wholeSize(space), outputs]
  const [strideH = 1, strideW = 1] = space.strides
  const inputs = [shapeInput(to, image, shape), filter, image, bias]
  return to.emit('TRANSPOSE_CONV', { inputs, dims: shape, dtype: 'int8', options: { padding: 1, strideH, strideW } })
}

/** Whether the kernel of 8 bits does it: one group, no dilation, and nothing but what the kernel gives in the result. */
export function hasEightBitKernel({ node, to }: LoweringContext): boolean {
  const dims = to.dims(input(node, 1))
  if (dims.length > 4 || number(node, 'group', 1) !== 1 || (numbers(node, 'dilations') ?? []).some((step) => step !== 1)) return false
  const space = spaceOf({ node, to }, dims.slice(2))
  return wholeSize(space).every((size, i) => (space.begins[i] as number) + (space.out[i] as number) <= size)
}

function inFloat(context: LoweringContext, weights: Weights, { image, space }: Whole): number {
  const groups = number(context.node, 'group', 1)
  const a = new Arithmetic(context.to)
  const values = floatWeights(weights)
  const parts = Array.from({ length: groups }, (_, group) =>
    oneGroup(context, a, { values, dims: weights.dims, group, groups, image, space }),
  )
  return a.concat(parts, 3)
}

/** The shape of the result as the kernel reads it: a constant, or with the batch that comes. */
function shapeInput(to: Conversion, image: number, shape: readonly number[]): number {
  if (!shape.includes(-1)) return to.ints(shape)
  const a = new Arithmetic(to)
  const own = to.emit('SHAPE', { inputs: [image], dims: [shape.length], dtype: 'int32', options: { outType: 2 } })
  return a.concat([a.slice(own, { axis: 0, begin: 0, end: 1 }), to.ints(shape.slice(1))], 0)
}

/** How far a dilated kernel reaches. */
const spreadOf = ({ kernel, dilations }: Space): number[] => kernel.map((size, i) => (size - 1) * (dilations[i] as number) + 1)

/** The space of the result before padding cuts it. */
const wholeSize = (space: Space): number[] =>
  spreadOf(space).map((reach, i) => ((space.size[i] as number) - 1) * (space.strides[i] as number) + reach)

function spaceOf({ node, to }: LoweringContext, kernel: readonly number[]): Space {
  const raise = (values: readonly number[], fill: number): readonly number[] => (values.length === 1 ? [fill, ...values] : values)
  const size = to.dims(input(node, 0)).slice(2)
  if (size.some((dim) => dim < 0)) throw new Unconvertible('an image of open size', 'Fix the input shapes with freeze-shapes first.')
  const ones = kernel.map(() => 1)
  const strides = numbers(node, 'strides') ?? ones
  const dilations = numbers(node, 'dilations') ?? ones
  const out = to.dims(output(node)).slice(2)
  const begins = kernel.map((width, i) => {
    const whole = ((size[i] as number) - 1) * (strides[i] as number) + (width - 1) * (dilations[i] as number) + 1
    return beginOf(node, { axis: i, spare: whole + (numbers(node, 'output_padding')?.[i] ?? 0) - (out[i] as number) })
  })
  return {
    size: raise(size, 1),
    kernel: raise(kernel, 1),
    strides: raise(strides, 1),
    dilations: raise(dilations, 1),
    begins: raise(begins, 0),
    out: raise(out, 1),
  }
}

/** `auto_pad` and `output_shape` share out what is too much; else the padding is given. */
function beginOf(node: Node, { axis, spare }: { axis: number; spare: number }): number {
  const mode = text(node, 'auto_pad', 'NOTSET')
  if (mode === 'SAME_UPPER' || (mode === 'NOTSET' && numbers(node, 'output_shape') !== null)) {
    const half = Math.max(0, spare) / 2
    return mode === 'SAME_UPPER' ? Math.floor(half) : Math.ceil(half)
  }
  if (mode === 'SAME_LOWER') return Math.ceil(Math.max(0, spare) / 2)
  return mode === 'VALID' ? 0 : (numbers(node, 'pads')?.[axis] ?? 0)
}

interface Group {
  readonly values: Float32Array
  /** [inputs, outputs of a group, ...kernel]. */
  readonly dims: readonly number[]
  readonly group: number
  readonly groups: number
  readonly image: number
  readonly space: Space
}

/** The whole transposed convolution of one group's channels. */
function oneGroup({ to }: LoweringContext, a: Arithmetic, { values, dims, group, groups, image, space }: Group): number {
  const [channels = 1, outputs = 1] = dims
  const own = channels / groups
  const source = groups === 1 ? image : a.slice(image, { axis: 3, begin: group * own, end: (group + 1) * own })
  const [height = 1, width = 1] = space.kernel
  const count = own * outputs * height * width
  const share = values.slice(group * count, (group + 1) * count)
  const bytes = new Uint8Array(share.buffer)
  const kernel = new Float32Array(permuteBytes(bytes, { dims: [own, outputs, height, width], perm: [1, 2, 3, 0], width: 4 }).buffer)
  const spread = spreadOf(space)
  const filter = to.floats([...dilated(kernel, { space, spread, outputs, own })], [outputs, ...spread, own])
  const shape = [a.dims(image)[0] as number, ...wholeSize(space), outputs]
  const [strideH = 1, strideW = 1] = space.strides
  return to.emit('TRANSPOSE_CONV', {
    inputs: [shapeInput(to, source, shape), filter, source],
    dims: shape,
    dtype: 'float32',
    options: { padding: 1, strideH, strideW },
  })
}

/** The kernel with zeros between its elements. */
function dilated(
  kernel: Float32Array,
  { space, spread, outputs, own }: { space: Space; spread: readonly number[]; outputs: number; own: number },
): Float32Array {
  const [height = 1, width = 1] = space.kernel
  const [wide = 1, long = 1] = spread
  if (wide === height && long === width) return kernel
  const result = new Float32Array(outputs * wide * long * own)
  const [down = 1, right = 1] = space.dilations
  for (let o = 0; o < outputs; o++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const from = ((o * height + y) * width + x) * own
        result.set(kernel.subarray(from, from + own), ((o * wide + y * down) * long + x * right) * own)
      }
  return result
}

/** The part of the whole result that padding leaves; output padding may reach past its end, where there are zeros. */
function fitted(a: Arithmetic, whole: number, { begins, out }: Space): number {
  let result = whole
  for (const [i, begin] of begins.entries()) {
    const axis = i + 1
    const [have, want] = [a.dims(result)[axis] as number, out[i] as number]
    const end = Math.min(have, begin + want)
    if (begin > 0 || end < have) result = a.slice(result, { axis, begin, end })
    const missing = want - (end - begin)
    if (missing > 0)
      result = a.pad(
        result,
        a.dims(result).map((_, at) => [0, at === axis ? missing : 0] as const),
      )
  }
  return result
}

export const transposedConvolution: Readonly<Record<string, Lowering>> = { ConvTranspose: convTranspose }
