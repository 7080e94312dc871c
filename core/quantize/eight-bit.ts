import { fullScales, pairSafeScales, pairSafeWeights, plainWeights, saturatingPairs } from './pair-safe.ts'
import { extentsOf, type WeightMatrix } from './weight-matrix.ts'

/**
 * How 8-bit weights sit on their grid. `pair-safe`: signed, and no two neighbouring products can saturate on x86 without VNNI; `full`: signed,
 * the whole range -127..127; `7-bit`: signed, -64..64, which cannot saturate either and costs a bit; `u8`: unsigned around zero point 128,
 * which runs on slower kernels.
 */
export const weightGrids = ['pair-safe', 'full', '7-bit', 'u8'] as const
export type WeightGrid = (typeof weightGrids)[number]

export interface EightBitOptions {
  readonly grid: WeightGrid
  /** A scale for each output channel; otherwise one for all. */
  readonly perChannel: boolean
  /** Whether the kernel adds neighbouring products; look-ups multiply nothing, and depthwise kernels add exactly. True unless given. */
  readonly summed?: boolean
  /** Scales are at least these, one a channel. */
  readonly least?: Float32Array
}

export interface EightBitWeights {
  /** In the layout of the matrix. */
  readonly values: Int8Array | Uint8Array
  /** One a channel, or a single one. */
  readonly scales: Float32Array
  readonly zeroPoint: 0 | 128
  /** Pairs of neighbouring weights whose products can saturate on x86 without VNNI: at full range, and as they are now. */
  readonly saturating: { readonly full: number; readonly now: number }
  /** False when a weight is infinite or no number: then nothing else is of use. */
  readonly finite: boolean
}

/** The largest whole number of a grid, counted from its zero point. */
export const limitOf = (grid: WeightGrid): number => (grid === '7-bit' ? 64 : 127)

/** Quantizes a weight matrix to 8 bits. */
export function eightBitWeights(matrix: WeightMatrix, { grid, perChannel, least, summed = true }: EightBitOptions): EightBitWeights {
  const measured = extentsOf(matrix)
  const { finite } = measured
  const extents = perChannel
    ? measured
    : { finite, magnitude: evenly(measured.magnitude, matrix.channels), pair: evenly(measured.pair, matrix.channels) }
  const given = (scales: Float32Array) => (perChannel ? scales : scales.slice(0, 1))
  if (grid === 'pair-safe' && summed) {
    const scales = atLeast(pairSafeScales(extents), least)
    const { values, saturating } = pairSafeWeights(matrix, scales, fullScales(extents))
    return { values, scales: given(scales), zeroPoint: 0, saturating: { full: saturating, now: 0 }, finite }
  }
  const limit = limitOf(grid)
  const scales = atLeast(fullScales(extents, limit), least)
  const values = plainWeights(matrix, scales, limit)
  const full = summed ? saturatingPairs(matrix, fullScales(extents)) : 0
  if (grid === 'u8') return { values: aroundMiddle(values), scales: given(scales), zeroPoint: 128, saturating: { full, now: 0 }, finite }
  return { values, scales: given(scales), zeroPoint: 0, saturating: { full, now: grid === '7-bit' ? 0 : full }, finite }
}

function atLeast(scales: Float32Array, least: Float32Array | undefined): Float32Array {
  return least === undefined ? scales : scales.map((scale, n) => Math.max(scale, least[n] ?? 0))
}

function evenly(extents: Float32Array, channels: number): Float32Array {
  let largest = 0
  for (const extent of extents) if (extent > largest) largest = extent
  return new Float32Array(channels).fill(largest)
}

/** Signed weights as unsigned ones with zero point 128. */
function aroundMiddle(values: Int8Array): Uint8Array {
  const unsigned = new Uint8Array(values.length)
  for (let i = 0; i < values.length; i++) unsigned[i] = values[i]! + 128
  return unsigned
}
