import type { Converted } from './convert.ts'
import type { TfliteFile } from './file.ts'

/** Whether a file leaves a size open. */
export const isOpen = ({ subgraphs }: TfliteFile): boolean =>
  subgraphs.some(({ tensors, inputs }) => inputs.some((at) => tensors[at]?.shape.some((dim) => dim < 0) === true))

/** A twin with `batch` wherever the conversion leaves a size open. What is computed inside gets its shape from the runtime. */
export function withBatch(converted: Converted, batch: number): Converted {
  if (!isOpen(converted.file)) return converted
  const subgraphs = converted.file.subgraphs.map((subgraph) => ({
    ...subgraph,
    tensors: subgraph.tensors.map((tensor) => ({ ...tensor, shape: tensor.shape.map((dim) => (dim < 0 ? batch : dim)) })),
  }))
  return { ...converted, file: { ...converted.file, subgraphs } }
}
