import type { TfliteQuantization } from '../file.ts'

export interface OnGrid {
  readonly values: Int8Array
  readonly quantization: TfliteQuantization
}

/**
 * Rounds an array to whole numbers of -limit..limit, a scale for each position along `axis`, zero point 0.
 * `null` when an element is not finite.
 */
export function onGrid(
  floats: Float32Array,
  { dims, axis, limit }: { dims: readonly number[]; axis: number; limit: number },
): OnGrid | null {
  const channels = dims[axis] as number
  const inner = dims.slice(axis + 1).reduce((product, dim) => product * dim, 1)
  const largest = new Float32Array(channels)
  for (let start = 0, channel = 0; start < floats.length; start += inner, channel = (channel + 1) % channels)
    largest[channel] = Math.max(largest[channel] as number, largestIn(floats, start, start + inner))
  if (!largest.every(Number.isFinite)) return null
  const scale = Float32Array.from(largest, (each) => (each === 0 ? 1 : each / limit))
  const values = new Int8Array(floats.length)
  for (let start = 0, channel = 0; start < floats.length; start += inner, channel = (channel + 1) % channels)
    round(floats, values, { start, end: start + inner, scale: scale[channel] as number, limit })
  return { values, quantization: { scale: [...scale], zeroPoint: new Array<number>(channels).fill(0), axis } }
}

function largestIn(floats: Float32Array, start: number, end: number): number {
  let largest = 0
  for (let i = start; i < end; i++) {
    const size = Math.abs(floats[i] as number)
    // NaN loses every comparison: it must not.
    if (!(size <= largest)) largest = size
    if (Number.isNaN(largest)) return Number.POSITIVE_INFINITY
  }
  return largest
}

interface Stretch {
  readonly start: number
  readonly end: number
  readonly scale: number
  readonly limit: number
}

function round(floats: Float32Array, values: Int8Array, { start, end, scale, limit }: Stretch): void {
  for (let i = start; i < end; i++) values[i] = Math.max(-limit, Math.min(limit, Math.round((floats[i] as number) / scale)))
}

/** Two 4-bit numbers a byte, the first in the low half, as the format stores them. */
export function packed4(values: Int8Array): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(values.length / 2))
  for (let i = 0; i < values.length; i++)
    bytes[i >> 1] = (bytes[i >> 1] as number) | (((values[i] as number) & 15) << (i % 2 === 0 ? 0 : 4))
  return bytes
}
