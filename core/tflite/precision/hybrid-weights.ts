import type { TfliteFile } from '../file.ts'
import { type Constant, type ConstantUse, floatsIn, type Narrowed, withNarrowed } from './constants.ts'
import { onGrid, packed4 } from './grid.ts'

/** Smaller weights stay float, as the published converter leaves them: they save little and cost accuracy. */
const fewest = 1024

/** Input of the weights, and the axis of their output channels. */
const channelAxes: Readonly<Record<string, { readonly input: number; readonly axis: number }>> = {
  CONV_2D: { input: 1, axis: 0 },
  DEPTHWISE_CONV_2D: { input: 1, axis: 3 },
  FULLY_CONNECTED: { input: 1, axis: 0 },
}

/**
 * Weights in 8 bits, or in 4 where the kernels take them, with a scale an output channel. Kernels of matrix products and convolutions take
 * them as they are and quantize their float input while the model runs (dynamic range); tables that are looked up in are stored so and widened.
 */
export function withHybridWeights(given: TfliteFile, bits: 8 | 4): TfliteFile {
  const file = readAsStored(given)
  return withNarrowed(file, (constant) => {
    if (constant.data.byteLength / 4 < fewest) return null
    const { tensor, uses } = constant
    const kernelAt = (use: ConstantUse) => kernelOf(file, tensor.shape, use)
    const kernels = uses.flatMap((use) => kernelAt(use) ?? [])
    const [first] = kernels
    const others = uses.filter((use) => kernelAt(use) === null)
    if (!others.every((use) => isTable(use, tensor.shape))) return null
    if (first === undefined) return narrowed(constant, { axis: 0, bits: 8, takes: () => false })
    if (kernels.some(({ axis }) => axis !== first.axis) || (others.length > 0 && first.axis !== 0)) return null
    // Tables are widened, and four bits are too few for them.
    const takes4 = others.length === 0 && kernels.every((each) => each.takes4)
    return narrowed(constant, { axis: first.axis, bits: bits === 4 && takes4 ? 4 : 8, takes: (use) => kernelAt(use) !== null })
  })
}

/** A table in which rows are looked up. */
const isTable = ({ operator, input }: ConstantUse, shape: readonly number[]): boolean =>
  operator.operator === 'GATHER' && input === 0 && shape.length === 2

/** The kernel that reads weights as they are stored, or `null`. Convolutions in groups have none. */
function kernelOf(file: TfliteFile, shape: readonly number[], { operator, input }: ConstantUse) {
  const known = channelAxes[operator.operator]
  if (known === undefined || known.input !== input) return null
  const source = file.subgraphs[0]?.tensors[operator.inputs[0] as number]
  if (source?.dtype !== 'float32') return null
  if (operator.operator === 'CONV_2D' && source.shape.at(-1) !== shape.at(-1)) return null
  return { axis: known.axis, takes4: operator.operator === 'FULLY_CONNECTED' && (shape.at(-1) as number) % 2 === 0 }
}

/** Kernels take weights that are 8-bit already as they are stored, instead of what a DEQUANTIZE makes of them. */
function readAsStored(file: TfliteFile): TfliteFile {
  const subgraphs = file.subgraphs.map((subgraph) => {
    const widened = new Map(
      subgraph.operators.flatMap(({ operator, inputs, outputs }) =>
        operator === 'DEQUANTIZE' ? [[outputs[0] as number, inputs[0] as number] as const] : [],
      ),
    )
    const operators = subgraph.operators.map((each) => {
      const weights = each.inputs[1] ?? -1
      const source = widened.get(weights)
      const stored = source === undefined ? undefined : subgraph.tensors[source]
      const shape = subgraph.tensors[weights]?.shape ?? []
      const kernel = kernelOf(file, shape, { operator: each, input: 1 })
      const symmetric = stored?.quantization?.zeroPoint.every((zero) => zero === 0) ?? false
      if (source === undefined || stored?.dtype !== 'int8' || stored.buffer === 0 || kernel === null || !symmetric) return each
      const scales = stored.quantization?.scale.length ?? 0
      if (scales > 1 && stored.quantization?.axis !== kernel.axis) return each
      return { ...each, inputs: each.inputs.map((index, at) => (at === 1 ? source : index)) }
    })
    const read = new Set([...operators.flatMap(({ inputs }) => inputs), ...subgraph.outputs])
    return { ...subgraph, operators: operators.filter((each) => each.operator !== 'DEQUANTIZE' || each.outputs.some((to) => read.has(to))) }
  })
  return { ...file, subgraphs }
}

function narrowed(constant: Constant, { axis, bits, takes }: { axis: number; bits: 8 | 4; takes: Narrowed['takes'] }): Narrowed | null {
  const made = onGrid(floatsIn(constant), { dims: constant.tensor.shape, axis, limit: bits === 8 ? 127 : 7 })
  if (made === null) return null
  const { values, quantization } = made
  if (bits === 4) return { dtype: 'int4', data: packed4(values), quantization, takes }
  return { dtype: 'int8', data: new Uint8Array(values.buffer), quantization, takes }
}
