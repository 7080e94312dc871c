import { type BinOptions, type Bins, type Clip, count, emptyBins, nothingSeen } from './bins.ts'
import { rangeOf } from './range.ts'
import type { Reducer } from './reducer.ts'

export interface EntropyOptions extends BinOptions {
  /** Levels of the quantized magnitude: 128 for signed 8-bit values, 256 for 8-bit values that are never negative. 128 unless given. */
  readonly levels?: number
}

interface State {
  readonly bins: Bins
  readonly levels: number
  min: number
  max: number
}

/**
 * The threshold on magnitudes that keeps most information: for every threshold the distribution clipped there is compared with its
 * quantized form by Kullback-Leibler divergence, and the smallest wins (Migacz, 8-bit inference with TensorRT, 2017).
 */
export const entropy: Reducer<EntropyOptions, State, Clip> = {
  id: 'entropy',
  start: ({ bins = 2048, levels = 128 }) => ({
    bins: emptyBins({ bins }),
    levels,
    min: Number.POSITIVE_INFINITY,
    max: Number.NEGATIVE_INFINITY,
  }),
  add(state, [value]) {
    const tensor = value as NonNullable<typeof value>
    count(state.bins, tensor, true)
    const { min, max } = rangeOf(tensor, undefined)
    state.min = Math.min(state.min, min[0] as number)
    state.max = Math.max(state.max, max[0] as number)
    return state
  },
  finish({ bins, levels, min, max }) {
    if (min > max) return nothingSeen
    const threshold = bestThreshold(withoutZeroPeak(bins), levels)
    return { low: Math.max(min, -threshold), high: Math.min(max, threshold), min, max }
  },
}

/**
 * Behind a Relu most elements are exactly 0, which every grid holds exactly. Spread over its group, that peak would forbid all but the smallest
 * thresholds; the first bin takes the height of the second where it towers above it.
 */
function withoutZeroPeak(bins: Bins): Bins {
  const [first = 0, second = 0] = bins.counts
  if (first <= peak * second || second === 0) return bins
  const counts = bins.counts.slice()
  counts[0] = second
  return { ...bins, counts }
}

/** How many times as high as its neighbour the first bin must be to count as a peak of zeros. */
const peak = 8

function bestThreshold({ counts, width }: Bins, levels: number): number {
  const used = counts.findLastIndex((each) => each > 0) + 1
  const total = counts.reduce((sum, each) => sum + each, 0)
  let best = { divergence: Number.POSITIVE_INFINITY, kept: used }
  let inside = counts.subarray(0, Math.min(levels, used)).reduce((sum, each) => sum + each, 0)
  for (let kept = Math.min(levels, used); kept <= used; kept++) {
    const divergence = divergenceAt(counts, kept, { levels, outside: total - inside })
    if (divergence < best.divergence) best = { divergence, kept }
    inside += counts[kept] ?? 0
  }
  return best.kept * width
}

/**
 * Divergence of the first `kept` bins (what lies outside added to the last) from the same bins with each of `levels` groups flattened to the
 * mean of its occupied bins.
 */
function divergenceAt(counts: Float64Array, kept: number, { levels, outside }: { levels: number; outside: number }): number {
  const groups = Math.min(levels, kept)
  let reference = outside
  let quantized = 0
  for (let i = 0; i < kept; i++) reference += counts[i] as number
  quantized = reference - outside
  if (reference === 0 || quantized === 0) return Number.POSITIVE_INFINITY
  let divergence = 0
  for (let group = 0; group < groups; group++) {
    const from = Math.floor((group * kept) / groups)
    const to = Math.floor(((group + 1) * kept) / groups)
    divergence += groupDivergence(counts, from, to, { last: to === kept, outside, reference, quantized })
  }
  return divergence
}

function groupDivergence(
  counts: Float64Array,
  from: number,
  to: number,
  { last, outside, reference, quantized }: { last: boolean; outside: number; reference: number; quantized: number },
): number {
  let sum = 0
  let occupied = 0
  for (let i = from; i < to; i++) {
    sum += counts[i] as number
    if ((counts[i] as number) > 0) occupied += 1
  }
  const flat = occupied === 0 ? 0 : sum / occupied / quantized
  let divergence = 0
  for (let i = from; i < to; i++) {
    const p = ((counts[i] as number) + (last && i === to - 1 ? outside : 0)) / reference
    const q = (counts[i] as number) > 0 ? flat : 0
    if (p > 0) divergence += p * Math.log(p / Math.max(q, smallestShare))
  }
  return divergence
}

/** Stands in for the empty bin that clipped values fall into; an infinite divergence there would forbid every such threshold. */
const smallestShare = 1e-9
