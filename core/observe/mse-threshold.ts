import { type ActivationName, activations } from './activations.ts'
import { type BinOptions, type Bins, type Clip, count, emptyBins, nothingSeen } from './bins.ts'
import type { Reducer } from './reducer.ts'

export interface MseOptions extends BinOptions {
  /** 8 unless given. */
  readonly bits?: number
  /** Whether the range must be symmetric about 0 (zero point 0); false unless given. */
  readonly symmetric?: boolean
  /** What alone reads the value: the error that counts is behind it. A flat part of it needs no levels. */
  readonly through?: ActivationName
}

interface State {
  readonly bins: Bins
  readonly levels: number
  readonly symmetric: boolean
  readonly through: ActivationName | null
}

export interface MseClip extends Clip {
  /** Mean squared error that quantizing to the range causes, estimated from the histogram. */
  readonly error: number
}

/** The range whose quantization changes the values least in mean square: rounding inside against clipping outside, searched on the histogram. */
export const mseThreshold: Reducer<MseOptions, State, MseClip> = {
  id: 'mse-threshold',
  start: (options) => ({
    bins: emptyBins(options),
    levels: 2 ** (options.bits ?? 8) - 1,
    symmetric: options.symmetric ?? false,
    through: options.through ?? null,
  }),
  add(state, [value]) {
    count(state.bins, value as NonNullable<typeof value>)
    return state
  },
  finish({ bins, levels, symmetric, through }) {
    if (bins.min > bins.max) return { ...nothingSeen, error: 0 }
    const seen = { min: bins.min, max: bins.max }
    const judged = { ...bins, behind: behindOf(bins, through) }
    return { ...(symmetric ? searchSymmetric(judged, levels) : searchBothEnds(judged, levels)), ...seen }
  },
}

/** Bins with what an activation makes of their centres. */
interface Judged extends Bins {
  readonly behind: Behind | null
}

interface Behind {
  readonly apply: (x: number) => number
  readonly centres: Float64Array
  /** Square of the slope at each centre: how much of a bin's own spread is left behind the activation. */
  readonly slopes: Float64Array
}

function behindOf({ low, width, counts }: Bins, through: ActivationName | null): Behind | null {
  if (through === null) return null
  const apply = activations[through]
  const centres = Float64Array.from(counts, (_, i) => apply(low + (i + 0.5) * width))
  const slopes = Float64Array.from(counts, (_, i) => ((apply(low + (i + 1) * width) - apply(low + i * width)) / width) ** 2)
  return { apply, centres, slopes }
}

type Found = { low: number; high: number; error: number }

/** Shrinking factors: fine near 1, where the best one usually lies. */
const factors = Array.from({ length: 100 }, (_, i) => 1 - i / 100)

function searchSymmetric(bins: Judged, levels: number): Found {
  const end = Math.max(Math.abs(bins.min), Math.abs(bins.max))
  return best(factors.map((factor) => rated(bins, levels - 1, { low: -end * factor, high: end * factor })))
}

/** One end after the other, until neither moves. The range always holds 0, which must have a code of its own. */
function searchBothEnds(bins: Judged, levels: number): Found {
  const [min, max] = [Math.min(0, bins.min), Math.max(0, bins.max)]
  let found = rated(bins, levels, { low: min, high: max })
  for (let turn = 0; turn < 4; turn++) {
    const before = found.error
    const { low } = found
    found = best([found, ...factors.map((factor) => rated(bins, levels, { low, high: max * factor }))])
    const { high } = found
    found = best([found, ...factors.map((factor) => rated(bins, levels, { low: min * factor, high }))])
    if (found.error >= before) break
  }
  return found
}

const best = (all: readonly Found[]): Found => all.reduce((a, b) => (b.error < a.error ? b : a))

function rated(bins: Judged, levels: number, { low, high }: { low: number; high: number }): Found {
  return { low, high, error: high > low ? errorOf(bins, levels, { low, high }) : Number.POSITIVE_INFINITY }
}

/** Mean squared error of rounding every bin's centre to the grid; a bin as wide as the steps counts the spread inside it as well. */
function errorOf(bins: Judged, levels: number, { low, high }: { low: number; high: number }): number {
  const { low: first, width, counts, behind } = bins
  if (behind !== null) return errorBehind(bins, behind, { levels, low, high })
  const step = (high - low) / levels
  const zeroPoint = Math.round(-low / step)
  let sum = 0
  let total = 0
  for (let i = 0; i < counts.length; i++) {
    const here = counts[i] as number
    if (here === 0) continue
    const centre = first + (i + 0.5) * width
    const code = Math.min(levels, Math.max(0, Math.round(centre / step) + zeroPoint))
    const error = centre - (code - zeroPoint) * step
    sum += here * error * error
    total += here
  }
  return sum / total + Math.min(width, step) ** 2 / 12
}

/** The same behind an activation. */
function errorBehind(
  { low: first, width, counts }: Bins,
  { apply, centres, slopes }: Behind,
  { levels, low, high }: { levels: number; low: number; high: number },
): number {
  const step = (high - low) / levels
  const zeroPoint = Math.round(-low / step)
  const made = Float64Array.from({ length: levels + 1 }, (_, code) => apply((code - zeroPoint) * step))
  const spread = Math.min(width, step) ** 2 / 12
  let sum = 0
  let total = 0
  for (let i = 0; i < counts.length; i++) {
    const here = counts[i] as number
    if (here === 0) continue
    const code = Math.min(levels, Math.max(0, Math.round((first + (i + 0.5) * width) / step) + zeroPoint))
    const error = (centres[i] as number) - (made[code] as number)
    sum += here * (error * error + spread * (slopes[i] as number))
    total += here
  }
  return sum / total
}
