import { type DType, isFloat } from '../ir/dtype.ts'
import type { Converted, ConvertedBorder } from './convert.ts'
import type { TfliteOperator, TfliteTensor } from './file.ts'
import { withVersions } from './versions.ts'

/** Types that LiteRT's JavaScript binding passes. */
const passed: ReadonlySet<DType> = new Set(['float32', 'int32', 'uint8'])

/**
 * A twin that can be run here: inputs and outputs of types that LiteRT's JavaScript binding does not pass (bool, int8 and others) are int32 or
 * float32 and become the file's own type inside. Where all borders pass, the twin is the conversion itself.
 */
export function portableTwin(converted: Converted): Converted {
  const { file, inputs, outputs } = converted
  const [main, ...rest] = file.subgraphs
  if (main === undefined || [...inputs, ...outputs].every(({ to }) => passed.has(to))) return converted
  const tensors = [...main.tensors]
  const [before, after]: TfliteOperator[][] = [[], []]
  /** A border tensor beside the file's own, under its name. */
  const outside = (index: number, from: DType): number => {
    const own = tensors[index] as TfliteTensor
    tensors[index] = { ...own, name: `${own.name}/own` }
    return tensors.push({ ...own, dtype: isFloat(from) ? carrierOf(own) : 'int32', buffer: 0, quantization: null }) - 1
  }
  const step = (from: number, to: number): TfliteOperator => {
    const isWhole = [from, to].some((index) => tensors[index]?.dtype === 'int32')
    const quantized = isWhole ? undefined : [from, to].find((index) => tensors[index]?.quantization !== null)
    const operator = quantized === undefined ? 'CAST' : quantized === to ? 'QUANTIZE' : 'DEQUANTIZE'
    return { operator, version: 1, inputs: [from], outputs: [to], options: {} }
  }
  const isOdd = (index: number): boolean => !passed.has(tensors[index]?.dtype as DType)
  const ins = main.inputs.map((index, i) => {
    if (!isOdd(index)) return index
    const border = outside(index, inputs[i]?.from ?? 'float32')
    before?.push(step(border, index))
    return border
  })
  const outs = main.outputs.map((index, i) => {
    if (!isOdd(index)) return index
    const border = outside(index, outputs[i]?.from ?? 'float32')
    after?.push(step(index, border))
    return border
  })
  const operators = [...(before ?? []), ...main.operators, ...(after ?? [])]
  const signatures = file.signatures.map((each) => ({
    ...each,
    inputs: each.inputs.map(({ name }, i) => ({ name, tensor: ins[i] as number })),
    outputs: each.outputs.map(({ name }, i) => ({ name, tensor: outs[i] as number })),
  }))
  const retyped = (borders: readonly ConvertedBorder[], at: readonly number[]) =>
    borders.map((border, i) => ({ ...border, to: (tensors[at[i] as number] as TfliteTensor).dtype }))
  const twin = { ...file, subgraphs: [{ ...main, tensors, operators, inputs: ins, outputs: outs }, ...rest], signatures }
  return { file: withVersions(twin), inputs: retyped(inputs, ins), outputs: retyped(outputs, outs) }
}

/** What carries a type over the border: real numbers for quantized and half ones, whole numbers for the others. */
const carrierOf = ({ dtype, quantization }: TfliteTensor): DType =>
  quantization !== null || dtype === 'float16' || dtype === 'bfloat16' ? 'float32' : 'int32'
