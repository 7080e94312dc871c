import { BlockFitter, type BlockGrid } from './block-grid.ts'
import { type BlockOptions, type BlockWeights, type PackedCodes, packed } from './block-weights.ts'
import type { WeightMatrix } from './weight-matrix.ts'

/** Channels that go through the sum together, so that each row of the factor is read once for all of them. */
export const together = 8

/**
 * GPTQ (Frantar et al. 2023): weights are rounded one after the other along the sum, and what each rounding changes in the results is made
 * up for by the weights that are still to come, as the second moments of the activations say. A block's grid is chosen when it is reached,
 * for the weights as they are by then.
 * @param factor upper triangular R with R^T R = H^-1, [depth, depth]
 */
export function gptqWeights(matrix: WeightMatrix, options: BlockOptions, factor: Float32Array): BlockWeights {
  const { channels, depth } = matrix
  const rounder = new GptqRounder(matrix, options, factor)
  const weights = new Float32Array(together * depth)
  let finite = true
  for (let start = 0; start < channels; start += together) {
    const slab = { weights, start, count: Math.min(together, channels - start) }
    if (!fillRows(weights, matrix, slab)) finite = false
    rounder.round(slab, { from: 0, to: depth })
  }
  return { ...rounder.packed(), shifts: null, finite }
}

/** Some channels as they are by now, [count, depth]; with room for an even count. */
export interface Slab {
  readonly weights: Float32Array
  readonly start: number
  readonly count: number
}

/** Positions along the sum: [from, to). */
export interface Span {
  readonly from: number
  readonly to: number
}

/** Rounds channels span by span and keeps what they become. */
export class GptqRounder {
  readonly #channels: number
  readonly #depth: number
  readonly #options: BlockOptions
  readonly #factor: Float32Array
  readonly #blocks: number
  readonly #codes: Uint8Array
  readonly #scales: Float32Array
  readonly #zeros: Uint8Array
  readonly #fitter: BlockFitter
  readonly #grids = Array.from({ length: together }, (): BlockGrid => ({ scale: 1, zero: 0 }))
  readonly #errors = new Float64Array(together)

  constructor({ channels, depth }: Pick<WeightMatrix, 'channels' | 'depth'>, options: BlockOptions, factor: Float32Array) {
    this.#channels = channels
    this.#depth = depth
    this.#options = options
    this.#factor = factor
    this.#blocks = Math.ceil(depth / options.block)
    this.#codes = new Uint8Array(channels * this.#blocks * options.block)
    this.#scales = new Float32Array(channels * this.#blocks)
    this.#zeros = new Uint8Array(channels * this.#blocks)
    this.#fitter = new BlockFitter(options)
  }

  /**
   * Rounds a span that begins with a block and makes up for it within the span; beyond it the caller has to.
   * @param errors takes the errors that are to be made up for, [channels, to - from]
   */
  round({ weights, start, count }: Slab, { from, to }: Span, errors: Float32Array | null = null): void {
    const depth = this.#depth
    const { block } = this.#options
    for (let k = from; k < to; k++) {
      const size = Math.min(block, depth - k)
      if (k % block === 0)
        for (let row = 0; row < count; row++) Object.assign(this.#grids[row]!, this.#fitter.fit(weights, row * depth + k, size))
      for (let row = 0; row < count; row++) {
        const error = this.#take(weights[row * depth + k]!, start + row, { k, grid: this.#grids[row]! })
        this.#errors[row] = error
        if (errors !== null) errors[(start + row) * (to - from) + k - from] = error
      }
      this.#makeUp(weights, k, to)
    }
  }

  packed(): PackedCodes {
    this.#padLast()
    const [codes, scales, zeros] = [this.#codes, this.#scales, this.#zeros]
    return packed({ codes, scales, zeros }, { channels: this.#channels, depth: this.#depth, options: this.#options })
  }

  #take(weight: number, channel: number, { k, grid }: { k: number; grid: BlockGrid }): number {
    const { block } = this.#options
    const code = this.#fitter.code(weight, grid)
    const at = channel * this.#blocks + Math.floor(k / block)
    this.#codes[at * block + (k % block)] = code
    this.#scales[at] = grid.scale
    this.#zeros[at] = grid.zero
    return (weight - grid.scale * (code - grid.zero)) / this.#factor[k * this.#depth + k]!
  }

  /** Spreads the errors at position `k` over the positions after it, two channels at a time. */
  #makeUp(weights: Float32Array, k: number, to: number): void {
    const factor = this.#factor
    const depth = this.#depth
    for (let row = 0; row < together; row += 2) {
      const [first, second] = [this.#errors[row]!, this.#errors[row + 1]!]
      if (first === 0 && second === 0) continue
      const a = row * depth
      const b = a + depth
      const from = k * depth
      for (let j = k + 1; j < to; j++) {
        const share = factor[from + j]!
        weights[a + j] = weights[a + j]! - first * share
        weights[b + j] = weights[b + j]! - second * share
      }
    }
    this.#errors.fill(0)
  }

  /** The rest of a last block that is not full stands for zeros. */
  #padLast(): void {
    const width = this.#blocks * this.#options.block
    for (let channel = 0; channel < this.#channels; channel++) {
      const zero = this.#zeros[(channel + 1) * this.#blocks - 1]!
      this.#codes.fill(zero, channel * width + this.#depth, (channel + 1) * width)
    }
  }
}

/** Copies channels out of a weight, [count, depth]; whether they are finite. */
export function fillRows(
  weights: Float32Array,
  { values, channels, depth, layout }: WeightMatrix,
  { start, count }: Omit<Slab, 'weights'>,
): boolean {
  let total = 0
  weights.fill(0)
  for (let row = 0; row < count; row++) {
    for (let k = 0; k < depth; k++) {
      const weight = layout === 'columns' ? values[k * channels + start + row]! : values[(start + row) * depth + k]!
      weights[row * depth + k] = weight
      total += Math.abs(weight)
    }
  }
  return Number.isFinite(total)
}
