import { ProblemError } from '../api/problem.ts'
import { byteLength } from '../ir/dtype.ts'
import { Model } from '../ir/model.ts'
import { countOf, type Tensor, tensorOf } from '../ir/tensor.ts'
import type { Attribute, NodeId, Value, ValueType } from '../ir/value.ts'
import type { Field } from './codec.ts'
import {
  decodeFile,
  type TfliteFile,
  type TfliteOperator,
  type TfliteQuantization,
  type TfliteSubgraph,
  type TfliteTensor,
} from './file.ts'
import { identifier } from './schema.ts'

/** Domain of the operators of `.tflite` files, where they stand as nodes. */
export const tfliteDomain = 'tflite'

/** Whether a file begins as `.tflite` files do. */
export const looksLikeTflite = (start: Uint8Array): boolean => new TextDecoder('latin1').decode(start.subarray(4, 8)) === identifier

/** Whether a model was read from a `.tflite` file. It can be looked at and compared, not rewritten or run as an ONNX model. */
export const isTflite = (model: Model): boolean => model.opsets.has(tfliteDomain)

/**
 * The main graph of a `.tflite` file as a model to look at: builtin operators by name with their options, tensors with their types, and for
 * quantized ones an attribute of each operator that reads or gives them. Throws a `ProblemError` when the bytes are no such file.
 */
export function modelOfFile(bytes: Uint8Array, path: string): Model {
  const file = decoded(bytes, path)
  const [main] = file.subgraphs
  if (main === undefined) throw damaged(path, 'it holds no graph')
  const model = new Model({ irVersion: 3, producerName: 'tflite', doc: file.description }, new Map([[tfliteDomain, 3]]))
  const references = new Map<NodeId, string>()
  fill(model, { file, main, references })
  const nodes = main.operators.length
  const nodesDeep = file.subgraphs.reduce((sum, { operators }) => sum + operators.length, 0)
  return model.markOpened({ path, files: [{ path, bytes: bytes.byteLength }], references, nodes, nodesDeep })
}

function decoded(bytes: Uint8Array, path: string): TfliteFile {
  try {
    return decodeFile(bytes)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw damaged(path, error.message)
  }
}

const damaged = (path: string, why: string): ProblemError =>
  new ProblemError({
    kind: 'format',
    code: 'damaged-file',
    what: `The .tflite file is damaged: ${why}`,
    where: { file: path },
    mend: 'Copy, download or export it again.',
  })

interface Filling {
  readonly file: TfliteFile
  readonly main: TfliteSubgraph
  readonly references: Map<NodeId, string>
}

function fill(model: Model, { file, main, references }: Filling): void {
  const { graph } = model
  const names = main.tensors.map(({ name }) => model.freshName(name))
  const values = new Map<number, Value>()
  for (const index of main.inputs) values.set(index, graph.addInput(names[index] as string, typeOf(tensorAt(main, index))))
  const valueAt = (index: number): Value | null => {
    const known = values.get(index)
    if (known !== undefined || index < 0) return known ?? null
    const constant = constantOf(file, tensorAt(main, index))
    if (constant === null) return null
    const value = graph.addInitializer(names[index] as string, constant)
    values.set(index, value)
    return value
  }
  main.operators.forEach((operator, position) => {
    const id = String(position)
    const inputs = operator.inputs.map(valueAt)
    const outputs = operator.outputs.map((index) => names[index] as string)
    const opType = operator.operator.replace(/^custom:/, '')
    const node = graph.addNode({ id, opType, domain: tfliteDomain, inputs, outputs, attributes: attributesOf(operator, main) })
    references.set(id, `#${position}`)
    operator.outputs.forEach((index, at) => {
      const output = node.outputs[at] as Value
      graph.setType(output, typeOf(tensorAt(main, index)))
      values.set(index, output)
    })
  })
  for (const index of main.outputs) {
    const value = valueAt(index)
    if (value !== null) graph.addOutput(value)
  }
}

function tensorAt({ tensors }: TfliteSubgraph, index: number): TfliteTensor {
  const tensor = tensors[index]
  if (tensor === undefined) throw new RangeError(`an operator points to tensor ${index} of ${tensors.length}`)
  return tensor
}

const typeOf = ({ dtype, shape }: TfliteTensor): ValueType => ({
  kind: 'tensor',
  dtype,
  shape: shape.map((dim) => (dim < 0 ? null : dim)),
})

/** The constant that a tensor holds; `null` for those that hold nothing, and for kinds that are not dense (texts, sparse weights). */
function constantOf({ buffers }: TfliteFile, { dtype, shape, buffer }: TfliteTensor): Tensor | null {
  const data = buffers[buffer]
  if (data === undefined || data.byteLength === 0 || dtype === 'string' || shape.some((dim) => dim < 0)) return null
  return data.byteLength === byteLength(dtype, countOf(shape)) ? tensorOf(dtype, shape, data) : null
}

/** Options whose numbers have names in the schema. */
const optionNames: Readonly<Record<string, readonly string[]>> = {
  activation: ['NONE', 'RELU', 'RELU_N1_TO_1', 'RELU6', 'TANH', 'SIGN_BIT'],
  padding: ['SAME', 'VALID'],
}

function attributesOf({ operator, options, inputs, outputs, version }: TfliteOperator, main: TfliteSubgraph): Record<string, Attribute> {
  const attributes: Record<string, Attribute> = {}
  for (const [name, value] of Object.entries(options)) {
    const attribute = attributeOf(name, value)
    if (attribute !== null) attributes[name] = attribute
  }
  if (operator.startsWith('custom:')) attributes.custom = { type: 'int', value: 1 }
  attributes.version = { type: 'int', value: version }
  const note = (side: string) => (index: number, at: number) => {
    const quantization = main.tensors[index]?.quantization
    if (quantization) attributes[`${side} ${at} quantization`] = { type: 'string', value: quantizationText(quantization) }
  }
  inputs.forEach(note('input'))
  outputs.forEach(note('output'))
  return attributes
}

function attributeOf(name: string, value: Field | undefined): Attribute | null {
  if (typeof value === 'boolean') return { type: 'int', value: value ? 1 : 0 }
  if (typeof value === 'number' || typeof value === 'bigint') {
    const known = optionNames[name]?.[Number(value)]
    if (known !== undefined) return { type: 'string', value: known }
    return { type: Number.isInteger(Number(value)) ? 'int' : 'float', value: Number(value) }
  }
  if (Array.isArray(value) && value.every((each) => typeof each === 'number')) return { type: 'ints', value: value as number[] }
  return typeof value === 'string' ? { type: 'string', value } : null
}

function quantizationText({ scale, zeroPoint, axis }: TfliteQuantization): string {
  if (scale.length === 1) return `scale ${scale[0]?.toPrecision(6)}, zero point ${zeroPoint[0] ?? 0}`
  const [least, most] = [Math.min(...scale), Math.max(...scale)].map((each) => each.toPrecision(6))
  const zeros = zeroPoint.every((zero) => zero === 0) ? 'zero point 0' : 'several zero points'
  return `${scale.length} scales along axis ${axis}, ${least} to ${most}, ${zeros}`
}
