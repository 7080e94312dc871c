import type { DType } from '../../core/ir/dtype.ts'
import { tensorFrom } from '../../core/ir/numbers.ts'
import type { Reducer, TensorData } from '../../core/observe/reducer.ts'
import { normals, seeded } from './seeds.ts'

/** A tensor as the runtime gives it, from numbers. */
export const tensorData = (dtype: DType, dims: readonly number[], numbers: ArrayLike<number>): TensorData => ({
  dtype,
  dims,
  data: tensorFrom(dtype, dims, numbers).read(),
})

/** Standard normal float32 elements, the same for the same seed. */
export function randomTensor(dims: readonly number[], seed: number | string, spread = 1): TensorData {
  const next = normals(seeded(seed))
  const count = dims.reduce((product, dim) => product * dim, 1)
  return tensorData(
    'float32',
    dims,
    Array.from({ length: count }, () => next() * spread),
  )
}

/** The elements of a float32 tensor. */
export const floatsIn = ({ data }: TensorData): Float32Array => new Float32Array(data.slice().buffer)

/** What a reducer makes of batches of values. */
export function reduced<O, S, R>(reducer: Reducer<O, S, R>, options: O, batches: readonly (readonly TensorData[])[]): R {
  return reducer.finish(batches.reduce((state, values) => reducer.add(state, values), reducer.start(options)))
}
