import { intOf } from '../ir/attributes.ts'
import { isFloat } from '../ir/dtype.ts'
import { floatsOf } from '../ir/numbers.ts'
import { tensorOf } from '../ir/tensor.ts'
import type { Node, Value } from '../ir/value.ts'
import type { AttentionUnit } from './attention.ts'
import type { FeedForward } from './feed-forward.ts'
import { products, readsWeights } from './projection.ts'
import { isOuterProduct } from './weights.ts'

/** Why a node is likely to lose accuracy in low precision, known before anything runs. */
export interface SensitivityMark {
  readonly nodes: readonly Node[]
  readonly reason: string
}

/** Elements of a weight that are looked at: enough to see outliers, few enough that a large model opens at once. */
const sampleSize = 16384
/** Kurtosis of normally distributed weights is 3; from here on a few values stretch the scale of all others. */
const heavyTail = 12
/** Largest against median range of output channels: one scale for the whole weight would round small channels away. */
const wideChannels = 16

export interface MarkSources {
  readonly nodes: readonly Node[]
  readonly attention: readonly AttentionUnit[]
  readonly feedForward: readonly FeedForward[]
}

/** Marks in the order of the graph: units that move together first, then single nodes. Reads a sample of each weight. */
export function sensitivityMarks({ nodes, attention, feedForward }: MarkSources): readonly SensitivityMark[] {
  const weighted = nodes.filter((node) => products.has(node.opType) && readsWeights(node) && !isOuterProduct(node))
  return [
    ...ends(weighted),
    ...attention.flatMap(projections),
    ...feedForward.map(behindActivation),
    ...weighted.flatMap(depthwise),
    ...weighted.flatMap(outliers),
  ]
}

function ends(weighted: readonly Node[]): readonly SensitivityMark[] {
  const [first, last] = [weighted[0], weighted.at(-1)]
  if (first === undefined || last === undefined) return []
  const start = { nodes: [first], reason: 'It is the first to see the input: what it loses, all others miss.' }
  return first === last ? [start] : [start, { nodes: [last], reason: 'It makes the output: its error is the error of the answer.' }]
}

function projections({ query, key, value }: AttentionUnit): readonly SensitivityMark[] {
  const unit = [...new Set([query, key, value])].filter((node) => node !== null)
  if (unit.length === 0) return []
  return [
    {
      nodes: unit,
      reason: 'Query, key and value of one attention read the same input and their errors multiply in the scores: they are one unit.',
    },
  ]
}

const behindActivation = ({ kind, down }: FeedForward): SensitivityMark => ({
  nodes: [down],
  reason:
    kind === 'gated'
      ? 'It reads a gated product, whose few large values stretch the scale of activations.'
      : 'It reads the output of an activation, which is lopsided: most values near zero, a long tail above.',
})

function depthwise(node: Node): readonly SensitivityMark[] {
  const group = intOf(node, 'group', 1)
  const weight = node.inputs[node.opType === 'QLinearConv' ? 3 : 1]
  const dims = (weight?.constant ?? weight?.producer?.inputs[0]?.constant)?.ref.dims ?? []
  if (!['Conv', 'FusedConv', 'ConvInteger', 'QLinearConv'].includes(node.opType) || group <= 1 || dims[1] !== 1) return []
  return [
    {
      nodes: [node],
      reason: `A depthwise convolution: each of its ${group} channels has ${dims.slice(2).join(' x ')} weights of a range of its own.`,
    },
  ]
}

function outliers(node: Node): readonly SensitivityMark[] {
  // What comes behind the two factors is biases, and the scales of weights in few bits.
  const weight = node.inputs
    .slice(0, 2)
    .find((input) => input?.constant != null && input.constant.ref.dims.length >= 2 && isFloat(input.constant.ref.dtype))
  const sample = weight == null ? null : sampleOf(weight)
  if (sample === null || sample.length < 256) return []
  const kurtosis = kurtosisOf(sample)
  if (kurtosis >= heavyTail)
    return [
      {
        nodes: [node],
        reason: `Its weights have outliers (kurtosis ${kurtosis.toFixed(0)}, normal is 3): they stretch the scale of all others.`,
      },
    ]
  const spread = channelSpread(sample, channelsOf(node, weight?.constant?.ref.dims ?? []))
  return spread >= wideChannels
    ? [
        {
          nodes: [node],
          reason: `Its widest channel reaches ${spread.toFixed(0)} times the median channel: it needs a scale for each channel.`,
        },
      ]
    : []
}

/** The first elements of a float weight, read as a range of the file. */
function sampleOf(value: Value): Float32Array | null {
  const tensor = value.constant
  if (tensor === null || (tensor.ref.dtype !== 'float32' && tensor.ref.dtype !== 'float16')) return null
  const width = tensor.ref.dtype === 'float32' ? 4 : 2
  const count = Math.min(sampleSize, tensor.ref.length / width)
  return floatsOf(tensorOf(tensor.ref.dtype, [count], tensor.read(0, count * width).slice()))
}

function kurtosisOf(values: Float32Array): number {
  let [sum, square, fourth] = [0, 0, 0]
  for (const value of values) sum += value
  const mean = sum / values.length
  for (const value of values) {
    const d = (value - mean) ** 2
    square += d
    fourth += d * d
  }
  return square === 0 ? 0 : (fourth * values.length) / (square * square)
}

/** How output channels lie in a weight: elements in a row of one, and channels until the first comes again. */
interface Channels {
  readonly count: number
  readonly stride: number
}

/** Matrices [in, out], those that are turned [out, in]; convolutions [out, in / group, ...], transposed ones [in, out / group, ...]. */
function channelsOf(node: Node, dims: readonly number[]): Channels {
  const behind = (axis: number) => dims.slice(axis + 1).reduce((a, b) => a * b, 1)
  const isTurned = intOf(node, 'transB', 0) === 1
  const axis = node.opType === 'ConvTranspose' ? 1 : node.opType.includes('Conv') || isTurned ? 0 : dims.length - 1
  return { count: dims[axis] ?? 1, stride: behind(axis) }
}

/** Largest absolute value of the widest output channel against that of the median one, of those that the sample holds as a whole or in part. */
function channelSpread(values: Float32Array, { count, stride }: Channels): number {
  const whole = Math.min(count, Math.floor(values.length / stride))
  if (whole < 4 || values.length < 4 * whole) return 1
  const widest = new Float32Array(whole)
  for (let i = 0; i < values.length; i++) {
    const channel = Math.floor(i / stride) % count
    if (channel < whole) widest[channel] = Math.max(widest[channel] as number, Math.abs(values[i] as number))
  }
  const sorted = widest.toSorted()
  const median = sorted[whole >> 1] as number
  return median === 0 ? 1 : (sorted[whole - 1] as number) / median
}
