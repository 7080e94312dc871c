import { type BinOptions, type Bins, type Clip, count, emptyBins, nothingSeen } from './bins.ts'
import type { Reducer } from './reducer.ts'

export interface EntropyOptions extends BinOptions {
  /** Levels of the quantized range; 256 unless given. */
  readonly levels?: number
  /** Whether the range must be symmetric about 0 (zero point 0); false unless given. */
  readonly symmetric?: boolean
}

interface State {
  readonly bins: Bins
  readonly levels: number
  readonly symmetric: boolean
}

/**
 * The range that keeps most information: the distribution clipped to a range is compared with its quantized form by Kullback-Leibler
 * divergence, and the smallest wins (Migacz, 8-bit inference with TensorRT, 2017). Published for magnitudes and one threshold, which is what
 * `symmetric` gives; otherwise the two ends are searched one after the other over the signed distribution, since a peak on one side (the
 * background of an image) says nothing of where to clip the other.
 */
export const entropy: Reducer<EntropyOptions, State, Clip> = {
  id: 'entropy',
  start: ({ bins = 4096, levels = 256, symmetric = false }) => ({
    bins: emptyBins({ bins }),
    levels: symmetric ? levels / 2 : levels,
    symmetric,
  }),
  add(state, [value]) {
    count(state.bins, value as NonNullable<typeof value>, state.symmetric)
    return state
  },
  finish({ bins, levels, symmetric }) {
    const { min, max } = bins
    if (min > max) return nothingSeen
    const counts = withoutZeros(bins)
    const whole = { from: counts.findIndex((each) => each > 0), to: counts.findLastIndex((each) => each > 0) + 1 }
    const { from, to } = whole.from < 0 ? { from: 0, to: 1 } : searched(counts, whole, { levels, onlyHigh: symmetric || min >= 0 })
    const [low, high] = [bins.low + from * bins.width, bins.low + to * bins.width]
    if (symmetric) return { low: -high, high, min: -max, max }
    return { low: Math.max(min, low), high: Math.min(max, high), min, max }
  },
}

/** Bins that are kept: [from, to). */
interface Window {
  readonly from: number
  readonly to: number
}

/**
 * Behind a Relu most elements are exactly 0, which every grid holds exactly. Spread over its group, that peak would forbid all but the
 * narrowest ranges; its bin takes the height of its neighbour, as the first bin does in the calibrators of NVIDIA's pytorch-quantization.
 */
function withoutZeros({ counts, low, width }: Bins): Float64Array {
  const zero = Math.floor(-low / width)
  if (!(zero >= 0 && zero < counts.length)) return counts
  const levelled = counts.slice()
  const beside = Math.max(counts[zero - 1] ?? 0, counts[zero + 1] ?? 0)
  if (beside > 0) levelled[zero] = Math.min(counts[zero] as number, beside)
  return levelled
}

/** Ends that are tried on one side. */
const tried = 512

function searched(counts: Float64Array, whole: Window, { levels, onlyHigh }: { levels: number; onlyHigh: boolean }): Window {
  let best = { ...whole, divergence: divergenceAt(counts, whole, levels) }
  const step = Math.max(1, Math.floor((whole.to - whole.from) / tried))
  const consider = (window: Window) => {
    const divergence = divergenceAt(counts, window, levels)
    // Of equal ends the one that clips less.
    if (divergence < best.divergence) best = { ...window, divergence }
  }
  for (let turn = 0; turn < (onlyHigh ? 1 : 2); turn++) {
    const { from, to } = best
    for (let high = whole.to; high >= from + levels; high -= step) consider({ from, to: high })
    if (!onlyHigh) for (let low = whole.from; low <= best.to - levels; low += step) consider({ from: low, to: best.to })
    if (best.from === from && best.to === to) break
  }
  return best
}

/**
 * Divergence of the bins of a window (what lies outside added to its ends) from the same bins with each of `levels` groups flattened to the
 * mean of its occupied bins.
 */
function divergenceAt(counts: Float64Array, { from, to }: Window, levels: number): number {
  const [below, above] = [sumOf(counts, 0, from), sumOf(counts, to, counts.length)]
  const quantized = sumOf(counts, from, to)
  const reference = quantized + below + above
  if (quantized === 0) return Number.POSITIVE_INFINITY
  const groups = Math.min(levels, to - from)
  let divergence = 0
  for (let group = 0; group < groups; group++) {
    const start = from + Math.floor((group * (to - from)) / groups)
    const end = from + Math.floor(((group + 1) * (to - from)) / groups)
    let sum = 0
    let occupied = 0
    for (let i = start; i < end; i++) {
      sum += counts[i] as number
      if ((counts[i] as number) > 0) occupied += 1
    }
    const flat = occupied === 0 ? 0 : sum / occupied / quantized
    for (let i = start; i < end; i++) {
      const outside = (i === from ? below : 0) + (i === to - 1 ? above : 0)
      const p = ((counts[i] as number) + outside) / reference
      const q = (counts[i] as number) > 0 ? flat : 0
      if (p > 0) divergence += p * Math.log(p / Math.max(q, smallestShare))
    }
  }
  return divergence
}

function sumOf(counts: Float64Array, from: number, to: number): number {
  let sum = 0
  for (let i = from; i < to; i++) sum += counts[i] as number
  return sum
}

/** Stands in for the empty bin that clipped values fall into; an infinite divergence there would forbid every such range. */
const smallestShare = 1e-9
