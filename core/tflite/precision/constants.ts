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
  /** Whether a reader takes it as it is; for the others a DEQUANTIZE makes float32 of it first. */
  readonly takes: (use: ConstantUse) => boolean
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
    /** Constants that a reader finds elsewhere now. */
    const moved = new Map<TfliteOperator, Map<number, number>>()
    for (const constant of floatConstants(file, subgraph)) {
      const narrowed = narrow(constant)
      if (narrowed === null) continue
      const { dtype, data, quantization, takes } = narrowed
      buffers[constant.tensor.buffer] = data
      const others = constant.uses.filter((use) => !takes(use))
      const { name } = constant.tensor
      tensors[constant.index] = {
        ...constant.tensor,
        dtype,
        quantization,
        name: others.length === constant.uses.length ? `${name}/stored` : name,
      }
      if (others.length === 0) continue
      const float =
        tensors.push({ ...constant.tensor, buffer: 0, name: others.length === constant.uses.length ? name : `${name}/float` }) - 1
      widening.push({ operator: 'DEQUANTIZE', version: 1, inputs: [constant.index], outputs: [float], options: {} })
      for (const { operator, input } of others) moved.set(operator, (moved.get(operator) ?? new Map()).set(input, float))
    }
    const operators = subgraph.operators.map((each) => {
      const own = moved.get(each)
      return own === undefined ? each : { ...each, inputs: each.inputs.map((index, at) => own.get(at) ?? index) }
    })
    return { ...subgraph, tensors, operators: [...widening, ...operators] }
  })
  return { ...file, buffers, subgraphs }
}

/** The numbers of a constant. */
export function floatsIn({ data }: Constant): Float32Array {
  const bytes = data.byteOffset % 4 === 0 ? data : new Uint8Array(data)
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
}
