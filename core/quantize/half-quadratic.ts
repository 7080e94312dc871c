import type { BlockFitter, BlockGrid, BlockGridOptions } from './block-grid.ts'

const norm = 0.7
const rounds = 20
const firstWeight = 10
const growth = 1.05
/** Further rounds would not move the rounded zero point. */
const settled = 1e-3

/**
 * Half-quadratic quantization (Badri and Shaji 2023): the zero point that makes the p-norm of the errors small (p = 0.7), so that many small
 * errors are preferred to few large ones less than in mean square. Alternates shrinking the errors and re-centring the grid. The result's
 * zero point is a code, as the kernels want it; it is taken only where it betters the start.
 */
export function halfQuadratic(fitter: BlockFitter, start: BlockGrid, weights: Float32Array, options: BlockGridOptions): BlockGrid {
  if (options.symmetric || options.levels !== 'uniform') return start
  const last = 2 ** options.bits - 1
  let zero = start.zero
  let weight = firstWeight
  for (let round = 0; round < rounds; round++) {
    const before = zero
    zero = centre(weights, { scale: start.scale, zero }, weight, last)
    weight *= growth
    if (Math.abs(zero - before) < settled) break
  }
  const grid = { scale: start.scale, zero: Math.max(0, Math.min(last, Math.round(zero))) }
  return grid.zero !== start.zero && lossOf(fitter, weights, grid) < lossOf(fitter, weights, start) ? grid : start
}

function lossOf(fitter: BlockFitter, weights: Float32Array, grid: BlockGrid): number {
  let sum = 0
  for (const weight of weights) sum += Math.abs(weight - grid.scale * (fitter.code(weight, grid) - grid.zero)) ** norm
  return sum
}

/** One round: errors are shrunk by the proximal step of the p-norm, and the zero point becomes the mean that remains. */
function centre(weights: Float32Array, { scale, zero }: BlockGrid, strength: number, last: number): number {
  let sum = 0
  for (const weight of weights) {
    const code = Math.max(0, Math.min(last, Math.round(weight / scale + zero)))
    const error = weight - scale * (code - zero)
    const size = Math.abs(error)
    const shrunk = size === 0 ? 0 : Math.sign(error) * Math.max(0, size - size ** (norm - 1) / strength)
    sum += code - (weight - shrunk) / scale
  }
  return sum / weights.length
}
