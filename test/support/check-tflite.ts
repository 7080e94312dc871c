import { bitsOf } from '../../core/ir/dtype.ts'
import type { Model } from '../../core/ir/model.ts'
import { floatsOf, numbersOf, tensorFrom } from '../../core/ir/numbers.ts'
import { tensorOf } from '../../core/ir/tensor.ts'
import type { TensorData } from '../../core/observe/reducer.ts'
import { openLiteRt } from '../../core/runtime/litert.ts'
import type { Feeds, Outputs } from '../../core/runtime/session.ts'
import { inferShapes } from '../../core/shapes/infer.ts'
import { type Converted, type ConvertedBorder, type ConvertOptions, convert } from '../../core/tflite/convert.ts'
import { permuteBytes, store } from '../../core/tflite/layout.ts'
import { portableTwin } from '../../core/tflite/portable.ts'
import { feedsFor, runModel } from './run-model.ts'
import { encodeFile } from './tflite-bytes.ts'

export interface Agreement {
  /** Largest |a - b| / max(1, rms of the reference) over all outputs. */
  readonly relative: number
  readonly operators: readonly string[]
}

/** Gives every symbolic dimension of the inputs a size, so that all shapes are known. */
export function frozen(model: Model, sizes: Readonly<Record<string, number>> = {}): Model {
  const fixed = model.fork()
  for (const input of fixed.graph.inputs) {
    if (input.type?.kind !== 'tensor' || input.type.shape === null) continue
    const shape = input.type.shape.map((dim) => (typeof dim === 'number' ? dim : (sizes[dim ?? ''] ?? 2)))
    fixed.graph.setType(input, { ...input.type, shape })
  }
  inferShapes(fixed)
  return fixed
}

/** The converted file of a model, or an error that names every node that cannot be converted. */
export function converted(model: Model, options: Partial<ConvertOptions> = {}): Converted {
  const result = convert(model, { nhwc: false, ...options })
  if (result.converted !== null) return result.converted
  throw new Error(result.unsupported.map(({ node, reason }) => `${node.opType} '${node.name}': ${reason}`).join('\n'))
}

/** Runs a model in onnxruntime and its conversion in LiteRT on the same seeded inputs. */
export async function agreement(
  model: Model,
  { feeds: given, ...options }: Partial<ConvertOptions> & { feeds?: Feeds } = {},
): Promise<Agreement> {
  const fixed = frozen(model)
  const file = converted(fixed, options)
  const feeds = given ?? feedsFor(fixed)
  const [reference, found] = [await runModel(fixed, feeds), await runLiteRt(portableTwin(file), feeds)]
  const differences = file.outputs.map(({ name }) => relativeDifference(reference[name] as TensorData, found[name] as TensorData))
  return {
    relative: Math.max(...differences),
    operators: file.file.subgraphs.flatMap(({ operators }) => operators.map(({ operator }) => operator)),
  }
}

/** Runs a converted file in LiteRT with the ONNX model's feeds: borders are cast and permuted as the conversion says. */
export async function runLiteRt(file: Converted, feeds: Feeds): Promise<Outputs> {
  const session = await openLiteRt(encodeFile(file.file))
  try {
    const inputs = file.inputs.map((border) => [border.name, inward(feeds[border.name] as TensorData, border)] as const)
    const outputs = await session.run(Object.fromEntries(inputs))
    return Object.fromEntries(file.outputs.map((border) => [border.name, outward(outputs[border.name] as TensorData, border)]))
  } finally {
    session.close()
  }
}

const asTensor = ({ dtype, dims, data }: TensorData) => tensorOf(dtype, dims, data)

function inward(feed: TensorData, { to, perm }: ConvertedBorder): TensorData {
  const cast = feed.dtype === to ? feed : { ...feed, dtype: to, data: tensorFrom(to, feed.dims, numbersOf(asTensor(feed))).read() }
  if (perm === null) return cast
  return { dtype: to, dims: store(cast.dims, perm), data: permuteBytes(cast.data, { dims: cast.dims, perm, width: bitsOf(to) / 8 }) }
}

function outward(data: TensorData, { perm }: ConvertedBorder): TensorData {
  if (perm === null) return data
  const back = perm.map((_, axis) => perm.indexOf(axis))
  return {
    ...data,
    dims: store(data.dims, back),
    data: permuteBytes(data.data, { dims: data.dims, perm: back, width: bitsOf(data.dtype) / 8 }),
  }
}

function relativeDifference(reference: TensorData, found: TensorData): number {
  const [a, b] = [floatsOf(asTensor(reference)), floatsOf(asTensor(found))]
  if (a.length !== b.length) throw new Error(`the outputs have ${a.length} and ${b.length} elements`)
  const rms = Math.sqrt(a.reduce((sum, value) => sum + value * value, 0) / Math.max(1, a.length))
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] as number))), 0) / Math.max(1, rms)
}
