import { BlockFitter, type BlockGrid } from './block-grid.ts'
import { type BlockOptions, type BlockWeights, packed } from './block-weights.ts'
import type { WeightMatrix } from './weight-matrix.ts'

/** Channels that go through the sum together, so that each row of the factor is read once for all of them. */
const together = 8

/**
 * GPTQ (Frantar et al. 2023): weights are rounded one after the other along the sum, and what each rounding changes in the results is made
 * up for by the weights that are still to come, as the second moments of the activations say. A block's grid is chosen when it is reached,
 * for the weights as they are by then.
 * @param factor upper triangular R with R^T R = H^-1, [depth, depth]
 */
export function gptqWeights(matrix: WeightMatrix, options: BlockOptions, factor: Float32Array): BlockWeights {
  const { channels, depth } = matrix
  const blocks = Math.ceil(depth / options.block)
  const codes = new Uint8Array(channels * blocks * options.block)
  const scales = new Float32Array(channels * blocks)
  const zeros = new Uint8Array(channels * blocks)
  const slab: Slab = { weights: new Float32Array(together * depth), errors: new Float64Array(together), factor, depth }
  const grids = Array.from({ length: together }, (): BlockGrid => ({ scale: 1, zero: 0 }))
  const fitter = new BlockFitter(options)
  let finite = true
  for (let start = 0; start < channels; start += together) {
    const count = Math.min(together, channels - start)
    if (!fill(slab, matrix, start, count)) finite = false
    for (let k = 0; k < depth; k++) {
      const block = Math.floor(k / options.block)
      const size = Math.min(options.block, depth - k)
      if (k % options.block === 0)
        for (let row = 0; row < count; row++) Object.assign(grids[row]!, fitter.fit(slab.weights, row * depth + k, size))
      for (let row = 0; row < count; row++) {
        const grid = grids[row]!
        const weight = slab.weights[row * depth + k]!
        const code = fitter.code(weight, grid)
        const at = (start + row) * blocks + block
        codes[at * options.block + (k % options.block)] = code
        scales[at] = grid.scale
        zeros[at] = grid.zero
        slab.errors[row] = (weight - grid.scale * (code - grid.zero)) / factor[k * depth + k]!
      }
      makeUp(slab, k)
    }
    padLast(codes, zeros, { start, count, blocks, block: options.block, depth })
  }
  return { ...packed({ codes, scales, zeros }, { channels, depth, options }), finite }
}

interface Slab {
  /** [together, depth] */
  readonly weights: Float32Array
  readonly errors: Float64Array
  readonly factor: Float32Array
  readonly depth: number
}

function fill({ weights }: Slab, { values, channels, depth, layout }: WeightMatrix, start: number, count: number): boolean {
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

/** Spreads the error at position `k` over the positions after it, two channels at a time. */
function makeUp({ weights, errors, factor, depth }: Slab, k: number): void {
  for (let row = 0; row < together; row += 2) {
    const [first, second] = [errors[row]!, errors[row + 1]!]
    if (first === 0 && second === 0) continue
    const a = row * depth
    const b = a + depth
    const from = k * depth
    for (let j = k + 1; j < depth; j++) {
      const share = factor[from + j]!
      weights[a + j] = weights[a + j]! - first * share
      weights[b + j] = weights[b + j]! - second * share
    }
  }
  errors.fill(0)
}

interface Padding {
  readonly start: number
  readonly count: number
  readonly blocks: number
  readonly block: number
  readonly depth: number
}

/** The rest of a last block that is not full stands for zeros. */
function padLast(codes: Uint8Array, zeros: Uint8Array, { start, count, blocks, block, depth }: Padding): void {
  for (let row = start; row < start + count; row++) {
    const zero = zeros[row * blocks + blocks - 1]!
    codes.fill(zero, row * blocks * block + depth, (row + 1) * blocks * block)
  }
}
