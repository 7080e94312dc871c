import { Arithmetic } from '../arithmetic.ts'
import { axisOf, input, number, numbers, optional, output } from '../attributes.ts'
import type { Lowering, LoweringContext } from '../conversion.ts'
import { channelsLast, type Perm, samePerm, store, storedAxis } from '../layout.ts'
import { refuseOpen, Unconvertible } from '../unconvertible.ts'

const range = (from: number, until: number): number[] => Array.from({ length: until - from }, (_, i) => from + i)

/** (x - mean) / sqrt(variance + epsilon) over some axes. */
function standardized(a: Arithmetic, x: number, { axes, epsilon }: { axes: readonly number[]; epsilon: number }): number {
  const mean = a.reduce('MEAN', x, axes)
  const centred = a.binary('SUB', x, mean)
  const variance = a.reduce('MEAN', a.binary('MUL', centred, centred), axes)
  return a.binary('MUL', centred, a.unary('RSQRT', a.with('ADD', variance, epsilon)))
}

interface Channels {
  readonly x: number
  readonly rank: number
  /** The order in which the axes of x lie. */
  readonly perm?: Perm
}

/** Scale and shift a channel, as [1, channels, 1 ...]. */
function perChannel({ node, to }: LoweringContext, a: Arithmetic, { x, rank, perm = null }: Channels): number {
  const along = (at: number): number => {
    const value = input(node, at)
    return to.reshape(to.plain(value), store([1, to.dims(value)[0] as number, ...new Array<number>(rank - 2).fill(1)], perm))
  }
  return a.binary('ADD', a.binary('MUL', x, along(1)), along(2))
}

const instanceNormalization: Lowering = (context) => {
  const { node, to } = context
  const a = new Arithmetic(to)
  const rank = to.dims(input(node, 0)).length
  const { tensor, perm } = to.placed(input(node, 0))
  const axes = range(2, rank).map((axis) => storedAxis(axis, perm))
  const x = standardized(a, tensor, { axes, epsilon: number(node, 'epsilon', 1e-5) })
  to.put(output(node), perChannel(context, a, { x, rank, perm }), perm)
}

/** Groups of channels as an axis of their own; scale and shift are per channel from operator set 21 on, per group before. */
const groupNormalization: Lowering = (context) => {
  const { node, to } = context
  const a = new Arithmetic(to)
  const dims = to.dims(input(node, 0))
  const [batch = 1, channels = 1] = dims
  const groups = number(node, 'num_groups', 1)
  const perGroup = to.dims(input(node, 1))[0] === groups && groups !== channels
  const { tensor, perm } = to.placed(input(node, 0))
  if (samePerm(perm, channelsLast(dims.length)) && perm !== null && !perGroup) {
    const split = to.reshape(tensor, [batch, elements(dims) / channels, groups, channels / groups])
    const x = standardized(a, split, { axes: [1, 3], epsilon: number(node, 'epsilon', 1e-5) })
    return to.put(output(node), perChannel(context, a, { x: to.reshape(x, store(dims, perm)), rank: dims.length, perm }), perm)
  }
  const grouped = to.reshape(to.plain(input(node, 0)), [batch, groups, elements(dims) / groups])
  const x = standardized(a, grouped, { axes: [2], epsilon: number(node, 'epsilon', 1e-5) })
  if (perGroup) return to.put(output(node), to.reshape(perChannel(context, a, { x, rank: 3 }), dims))
  to.put(output(node), perChannel(context, a, { x: to.reshape(x, dims), rank: dims.length }))
}

function elements(dims: readonly number[]): number {
  return dims.slice(1).reduce((product, dim) => product * dim, 1)
}

const meanVarianceNormalization: Lowering = ({ node, to }) => {
  const axes = numbers(node, 'axes') ?? [0, 2, 3]
  to.put(output(node), standardized(new Arithmetic(to), to.plain(input(node, 0)), { axes, epsilon: 1e-9 }))
}

/** x over its L1 or L2 norm along an axis. */
const lpNormalization: Lowering = ({ node, to }) => {
  const a = new Arithmetic(to)
  const x = to.plain(input(node, 0))
  const axis = axisOf(number(node, 'axis', -1), a.dims(x).length)
  const sum = (y: number): number => a.reduce('SUM', y, [axis])
  const norm = number(node, 'p', 2) === 1 ? sum(a.unary('ABS', x)) : a.unary('SQRT', sum(a.binary('MUL', x, x)))
  // A line of zeros stays zeros: its norm is raised above 0 by less than any other norm feels.
  to.put(output(node), a.binary('DIV', x, a.with('MAXIMUM', norm, 1e-30)))
}

/** The runtime divides by the plain sum of squares in the window, ONNX by its mean: alpha takes the size of the window. */
const localResponse: Lowering = ({ node, to }) => {
  const size = number(node, 'size', 1)
  if (size % 2 === 0) throw new Unconvertible('a response window of even size', 'The runtime’s window is centred: use an odd size.')
  const perm = channelsLast(4)
  const x = to.stored(input(node, 0), perm)
  const [alpha, beta, bias] = [number(node, 'alpha', 1e-4), number(node, 'beta', 0.75), number(node, 'bias', 1)]
  const options = { radius: (size - 1) / 2, bias, alpha: alpha / size, beta }
  to.put(output(node), new Arithmetic(to).unary('LOCAL_RESPONSE_NORMALIZATION', x, options), perm)
}

/** 1 at the first largest element along an axis, 0 elsewhere. */
const hardmax: Lowering = ({ node, to }) => {
  const a = new Arithmetic(to)
  const dims = to.dims(input(node, 0))
  const rank = dims.length
  const old = node.graph.model.opset < 13
  const axis = axisOf(number(node, 'axis', old ? 1 : -1), rank)
  refuseOpen(node, [dims[axis] as number])
  if (old && axis !== rank - 1) throw new Unconvertible('Hardmax over several axes of an old operator set', 'Raise the operator set to 13.')
  const order = [...range(0, rank).filter((each) => each !== axis), axis]
  const x = a.transpose(to.plain(input(node, 0)), order)
  const moved = a.dims(x)
  const first = to.emit('ARG_MAX', {
    inputs: [x, to.ints([rank - 1], [])],
    dims: moved.slice(0, -1),
    dtype: 'int32',
    options: { outputType: 2 },
  })
  const inputs = [first, to.ints([moved.at(-1) as number], []), to.floats([1]), to.floats([0])]
  const hot = to.emit('ONE_HOT', { inputs, dims: moved, dtype: 'float32', options: { axis: -1 } })
  to.put(
    output(node),
    a.transpose(
      hot,
      range(0, rank).map((each) => order.indexOf(each)),
    ),
  )
}

/** SkipLayerNormalization: the sum of two or three terms, normalized; the sum itself may be asked for too. */
const skipNormalization =
  (simplified: boolean): Lowering =>
  ({ node, to }) => {
    const a = new Arithmetic(to)
    const bias = optional(node, simplified ? 3 : 4)
    const pair = a.binary('ADD', to.plain(input(node, 0)), to.plain(input(node, 1)))
    const sum = bias === null ? pair : a.binary('ADD', pair, to.plain(bias))
    const axes = [a.dims(sum).length - 1]
    const epsilon = number(node, 'epsilon', 1e-12)
    const scale = to.plain(input(node, 2))
    const normal = simplified
      ? a.binary('MUL', sum, a.unary('RSQRT', a.with('ADD', a.reduce('MEAN', a.binary('MUL', sum, sum), axes), epsilon)))
      : standardized(a, sum, { axes, epsilon })
    const scaled = a.binary('MUL', normal, scale)
    const shift = simplified ? null : optional(node, 3)
    to.put(output(node), shift === null ? scaled : a.binary('ADD', scaled, to.plain(shift)))
    const kept = node.outputs[3]
    if (kept !== undefined && kept.name !== '') to.put(kept, sum)
  }

export const composedNormalization: Readonly<Record<string, Lowering>> = {
  InstanceNormalization: instanceNormalization,
  GroupNormalization: groupNormalization,
  MeanVarianceNormalization: meanVarianceNormalization,
  LpNormalization: lpNormalization,
  LRN: localResponse,
  Hardmax: hardmax,
  'com.microsoft:SkipLayerNormalization': skipNormalization(false),
  'com.microsoft:SkipSimplifiedLayerNormalization': skipNormalization(true),
}
