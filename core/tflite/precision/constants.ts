import type { TfliteFile, TfliteOperator, TfliteQuantization, TfliteSubgraph, TfliteTensor } from '../file.ts'

/** One reading of a constant: the operator, and at which input. */
export interface ConstantUse {
  readonly operator: TfliteOperator
  readonly input: number
}

/** A constant tensor of the main graph, everything that reads it, and its numbers' bytes. */
export interface Constant {
  readonly index: number
  readonly tensor: TfliteTensor
  readonly uses: readonly ConstantUse[]
  readonly data: Uint8Array
}

/** A constant in another form. */
export interface Narrowed {
  readonly dtype: TfliteTensor['dtype']
  readonly data: Uint8Array
  readonly quantization: TfliteQuantization | null
  /** `read`: its readers take it as it is; `widened`: a DEQUANTIZE makes float32 of it first. */
  readonly reading: 'read' | 'widened'
}

/** The float32 constants of a graph that operators read. Graph outputs are not among them. */
export function floatConstants({ buffers }: TfliteFile, { tensors, operators, outputs }: TfliteSubgraph): Constant[] {
  const uses = new Map<number, ConstantUse[]>()
  for (const operator of operators)
    operator.inputs.forEach((index, input) => {
      if (index >= 0) uses.set(index, [...(uses.get(index) ?? []), { operator, input }])
    })
  return tensors.flatMap((tensor, index) => {
    const data = buffers[tensor.buffer] as Uint8Array
    const own = uses.get(index)
    if (tensor.dtype !== 'float32' || data.byteLength === 0 || own === undefined || outputs.includes(index)) return []
    return [{ index, tensor, uses: own, data }]
  })
}

/** The file with constants in other forms; `narrow` says which, and `null` leaves one as it is. */
export function withNarrowed(file: TfliteFile, narrow: (constant: Constant) => Narrowed | null): TfliteFile {
  const buffers = [...file.buffers]
  const subgraphs = file.subgraphs.map((subgraph) => {
    const tensors = [...subgraph.tensors]
    const widening: TfliteOperator[] = []
    for (const constant of floatConstants(file, subgraph)) {
      const narrowed = narrow(constant)
      if (narrowed === null) continue
      const { dtype, data, quantization, reading } = narrowed
      buffers[constant.tensor.buffer] = data
      const stored = { ...constant.tensor, dtype, quantization }
      if (reading === 'read') {
        tensors[constant.index] = stored
        continue
      }
      tensors[constant.index] = { ...constant.tensor, buffer: 0 }
      const source = tensors.push({ ...stored, name: `${constant.tensor.name}/stored` }) - 1
      widening.push({ operator: 'DEQUANTIZE', version: 1, inputs: [source], outputs: [constant.index], options: {} })
    }
    return { ...subgraph, tensors, operators: [...widening, ...subgraph.operators] }
  })
  return { ...file, buffers, subgraphs }
}

/** The numbers of a constant. */
export function floatsIn({ data }: Constant): Float32Array {
  const bytes = data.byteOffset % 4 === 0 ? data : new Uint8Array(data)
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
}
