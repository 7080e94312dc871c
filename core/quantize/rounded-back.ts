import type { BlockOptions, BlockWeights } from './block-weights.ts'
import type { WeightMatrix } from './weight-matrix.ts'

/** What block-wise weights in the `nbits` form stand for, in the layout of the matrix that they were made of. */
export function roundedBack(
  { values, scales, zeros }: Omit<BlockWeights, 'finite'>,
  { channels, depth, layout }: Omit<WeightMatrix, 'values'>,
  { bits, block }: Pick<BlockOptions, 'bits' | 'block'>,
): Float32Array {
  const blocks = Math.ceil(depth / block)
  const perByte = 8 / bits
  const mask = 2 ** bits - 1
  const codeAt = (bytes: Uint8Array, at: number) => ((bytes[Math.floor(at / perByte)] as number) >> ((at % perByte) * bits)) & mask
  const zeroBytes = Math.ceil((blocks * bits) / 8)
  const result = new Float32Array(channels * depth)
  for (let n = 0; n < channels; n++) {
    for (let k = 0; k < depth; k++) {
      const b = Math.floor(k / block)
      const zero = zeros === null ? 2 ** (bits - 1) : codeAt(zeros.subarray(n * zeroBytes), b)
      const real = (scales[n * blocks + b] as number) * (codeAt(values, n * blocks * block + k) - zero)
      result[layout === 'columns' ? k * channels + n : n * depth + k] = real
    }
  }
  return result
}
