import type { DType } from '../ir/dtype.ts'

/** One tensor as the runtime gave it. `data` holds raw little-endian bytes and is only valid during the call. */
export interface TensorData {
  readonly dtype: DType
  readonly dims: readonly number[]
  readonly data: Uint8Array
  /** The elements of a `string` tensor, whose `data` is empty. */
  readonly strings?: readonly string[]
}

/**
 * A computation over the values of many samples that keeps a small state: calibration ranges, error sums, Gram matrices.
 * Reducers are modules named by id, because they run inside the runtime process, next to the values.
 */
export interface Reducer<Options, State, Result> {
  readonly id: string
  /** A fresh state. */
  start(options: Options): State
  /** Takes in one sample (or batch): the tensors of the call's `values`, in order. May change and give back the same state. */
  add(state: State, values: readonly TensorData[]): State
  /** The same with the help of the runtime, where that is much faster; used instead of `add` inside the runtime process. */
  addWith?(state: State, values: readonly TensorData[], algebra: Algebra): Promise<State>
  /** Plain data (structured-cloneable). */
  finish(state: State): Result
}

/** Dense products, done by the runtime's own kernels. */
export interface Algebra {
  /** X^T X in float32; `x` holds rows of `columns` elements. */
  gram(x: Float32Array, columns: number): Promise<Float32Array>
}

/** Which values of which sessions a reducer looks at. */
export interface ReducerCall {
  /** Chosen by the caller; results come back under it. */
  readonly key: string
  /** Id of a reducer. */
  readonly reducer: string
  /** `session` is an index into the sessions of the request; with two sessions a reducer can compare versions. */
  readonly values: readonly { readonly session: number; readonly name: string }[]
  readonly options?: unknown
}
