import type { DType } from '../ir/dtype.ts'
import { bfloatToNumber, halfToNumber } from '../ir/numbers.ts'
import { adaptivelyRounded, type Covariance } from './adaptive-rounding.ts'
import { type BlockOptions, type BlockWeights, blockWeights } from './block-weights.ts'
import { type EightBitOptions, type EightBitWeights, eightBitWeights } from './eight-bit.ts'
import { gptqWeights } from './gptq.ts'
import { bfloatsOf, type Halves, halvesOf } from './half.ts'
import { inverseFactor, NotDefinite } from './inverse-factor.ts'
import type { WeightMatrix } from './weight-matrix.ts'

/** What is done to one weight, by name: plain data in and out, so that it can be done in another thread. */
export interface Kernels {
  'eight-bit': { options: { matrix: Omit<WeightMatrix, 'values'>; grid: EightBitOptions }; result: EightBitWeights }
  adaptive: { options: { matrix: Omit<WeightMatrix, 'values'>; grid: EightBitOptions; covariance: Covariance }; result: EightBitWeights }
  blocks: { options: { matrix: Omit<WeightMatrix, 'values'>; grid: BlockOptions }; result: BlockWeights }
  gptq: { options: { matrix: Omit<WeightMatrix, 'values'>; grid: BlockOptions; factor: Float32Array }; result: BlockWeights }
  'inverse-factor': { options: { size: number; damping: number }; result: { readonly values: Float32Array | null } }
  half: { options: null; result: Halves }
  bfloat: { options: null; result: { readonly values: Uint16Array } }
}

export type Kernel = keyof Kernels

type Run = { readonly [K in Kernel]: (values: Float32Array, options: Kernels[K]['options']) => Kernels[K]['result'] }

export const kernels: Run = {
  'eight-bit': (values, { matrix, grid }) => eightBitWeights({ ...matrix, values }, grid),
  adaptive: (values, { matrix, grid, covariance }) => adaptivelyRounded({ ...matrix, values }, grid, covariance),
  blocks: (values, { matrix, grid }) => blockWeights({ ...matrix, values }, grid),
  gptq: (values, { matrix, grid, factor }) => gptqWeights({ ...matrix, values }, grid, factor),
  'inverse-factor': (values, { size, damping }) => ({ values: unlessNotDefinite(() => inverseFactor(values, size, damping)) }),
  half: halvesOf,
  bfloat: (values) => ({ values: bfloatsOf(values) }),
}

/** A thread hands over data alone: that there is no factor is an answer like another. */
function unlessNotDefinite(factor: () => Float32Array): Float32Array | null {
  try {
    return factor()
  } catch (error) {
    if (error instanceof NotDefinite) return null
    throw error
  }
}

/** Elements of a float tensor as float32; shares memory where it can. */
export function floatsOf(dtype: DType, bytes: Uint8Array): Float32Array {
  const size = dtype === 'float32' ? 4 : dtype === 'float64' ? 8 : 2
  const { buffer, byteOffset, byteLength } = bytes.byteOffset % size === 0 ? bytes : bytes.slice()
  const count = byteLength / size
  if (dtype === 'float32') return new Float32Array(buffer, byteOffset, count)
  if (dtype === 'float64') return Float32Array.from(new Float64Array(buffer, byteOffset, count))
  const read = dtype === 'float16' ? halfToNumber : bfloatToNumber
  return Float32Array.from(new Uint16Array(buffer, byteOffset, count), read)
}
