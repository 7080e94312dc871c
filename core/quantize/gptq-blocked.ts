import type { BlockOptions, BlockWeights } from './block-weights.ts'
import { fillRows, GptqRounder, together } from './gptq.ts'
import type { Products } from './products.ts'
import type { WeightMatrix } from './weight-matrix.ts'

/** Positions that are rounded before what is made up for beyond them goes to the runtime as one product. */
const leastSpan = 128

/**
 * `gptqWeights` for large weights, with the same results but for rounding: errors are made up for at once within a span of positions, and
 * beyond it for all channels together by a product of the runtime ("lazy batch updates" of the paper).
 */
export async function gptqWeightsBlocked(
  matrix: WeightMatrix,
  options: BlockOptions,
  { factor, products }: { factor: Float32Array; products: Products },
): Promise<BlockWeights> {
  const { channels, depth } = matrix
  const rounder = new GptqRounder(matrix, options, factor)
  const padded = Math.ceil(channels / together) * together
  const weights = new Float32Array(padded * depth)
  const finite = fillRows(weights, matrix, { start: 0, count: channels })
  const step = Math.max(leastSpan, options.block)
  for (let from = 0; from < depth; from += step) {
    const to = Math.min(depth, from + step)
    const errors = new Float32Array(channels * (to - from))
    for (let start = 0; start < channels; start += together) {
      const rows = weights.subarray(start * depth, (start + together) * depth)
      rounder.round({ weights: rows, start, count: Math.min(together, channels - start) }, { from, to }, errors)
    }
    if (to === depth) break
    const shares = transposedPart(factor, depth, { from, to })
    const changes = await products.transposed({ values: errors, rows: channels, columns: to - from }, shares)
    takeAway(weights, changes, { channels, depth, to })
  }
  return { ...rounder.packed(), shifts: null, finite }
}

/** The factor's rows [from, to) beyond `to`, as [depth - to, to - from]. */
function transposedPart(factor: Float32Array, depth: number, { from, to }: { from: number; to: number }) {
  const [rows, columns] = [depth - to, to - from]
  const values = new Float32Array(rows * columns)
  for (let k = from; k < to; k++) for (let j = to; j < depth; j++) values[(j - to) * columns + k - from] = factor[k * depth + j]!
  return { values, rows, columns }
}

function takeAway(
  weights: Float32Array,
  changes: Float32Array,
  { channels, depth, to }: { channels: number; depth: number; to: number },
): void {
  const rest = depth - to
  for (let row = 0; row < channels; row++) {
    const [at, from] = [row * depth + to, row * rest]
    for (let j = 0; j < rest; j++) weights[at + j] = weights[at + j]! - changes[from + j]!
  }
}
