import type { TensorData } from '../observe/reducer.ts'
import type { Feeds, Outputs } from '../runtime/session.ts'

/** Two samples as one batch of two. What has no axis of samples (not 1 first) is taken from the first. */
export function stacked(first: Feeds, second: Feeds): Feeds {
  const pairOf = (name: string, a: TensorData): TensorData => {
    const b = second[name]
    if (a.dims[0] !== 1 || b === undefined) return a
    const data = new Uint8Array(a.data.byteLength + b.data.byteLength)
    data.set(a.data)
    data.set(b.data, a.data.byteLength)
    return { ...a, dims: [2, ...a.dims.slice(1)], data }
  }
  return Object.fromEntries(Object.entries(first).map(([name, tensor]) => [name, pairOf(name, tensor)]))
}

/** The outputs of a batch of two, sample by sample. What has no axis of samples belongs to both. */
export function halves(outputs: Outputs): [Outputs, Outputs] {
  const half = (at: 0 | 1): Outputs =>
    Object.fromEntries(
      Object.entries(outputs).map(([name, tensor]) => {
        if (tensor.dims[0] !== 2) return [name, tensor]
        const bytes = tensor.data.byteLength / 2
        return [name, { ...tensor, dims: [1, ...tensor.dims.slice(1)], data: tensor.data.subarray(at * bytes, (at + 1) * bytes) }]
      }),
    )
  return [half(0), half(1)]
}
