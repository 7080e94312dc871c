import type { TfliteFile, TfliteOperator, TfliteSubgraph } from '../file.ts'

/**
 * Inputs that are only quantized and outputs that are only dequantized become 8-bit tensors themselves, with the scale and zero point that
 * a program needs to fill and read them. Borders of other kinds stay as they are.
 */
export function withEightBitBorders(file: TfliteFile): TfliteFile {
  const [main, ...rest] = file.subgraphs as [TfliteSubgraph, ...TfliteSubgraph[]]
  const moved = new Map<number, number>()
  const dropped = new Set<TfliteOperator>()
  for (const input of main.inputs) {
    const readers = main.operators.filter(({ inputs }) => inputs.includes(input))
    const [only] = readers
    if (only === undefined || readers.length > 1 || only.operator !== 'QUANTIZE' || main.outputs.includes(input)) continue
    if (main.tensors[input]?.dtype !== 'float32') continue
    moved.set(input, only.outputs[0] as number)
    dropped.add(only)
  }
  for (const output of main.outputs) {
    const writer = main.operators.find(({ outputs }) => outputs.includes(output))
    const source = writer?.inputs[0] ?? -1
    if (writer?.operator !== 'DEQUANTIZE' || main.tensors[source]?.dtype !== 'int8' || isRead(main, output)) continue
    // A tensor that is an input or an output already cannot be one twice.
    if (main.inputs.includes(source) || [...moved.values()].includes(source)) continue
    moved.set(output, source)
    dropped.add(writer)
  }
  const tensors = main.tensors.map((tensor, index) => {
    const border = [...moved].find(([, by]) => by === index)
    return border === undefined ? tensor : { ...tensor, name: main.tensors[border[0]]?.name ?? tensor.name }
  })
  const at = (index: number): number => moved.get(index) ?? index
  const signatures = file.signatures.map((each) => ({
    ...each,
    inputs: each.inputs.map(({ name, tensor }) => ({ name, tensor: at(tensor) })),
    outputs: each.outputs.map(({ name, tensor }) => ({ name, tensor: at(tensor) })),
  }))
  const operators = main.operators.filter((each) => !dropped.has(each))
  return {
    ...file,
    subgraphs: [{ ...main, tensors, operators, inputs: main.inputs.map(at), outputs: main.outputs.map(at) }, ...rest],
    signatures,
  }
}

const isRead = ({ operators }: TfliteSubgraph, tensor: number): boolean => operators.some(({ inputs }) => inputs.includes(tensor))
