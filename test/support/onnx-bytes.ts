import { memoryBlob } from '../../core/ir/tensor.ts'
import { encodeBytes } from '../../core/onnx/encode.ts'
import {
  type AttributeProto,
  type FunctionProto,
  type GraphProto,
  type ModelProto,
  modelSchema,
  type NodeProto,
  type Run,
  type TensorProto,
  typeSchema,
  type ValueInfoProto,
} from '../../core/onnx/schema.ts'

/** Messages of ONNX in the form of their tables, written short: what is not given is empty. */
export const graphProto = (parts: Partial<GraphProto>): GraphProto => ({
  ...{ node: [], initializer: [], sparseInitializer: [], input: [], output: [], valueInfo: [], metadata: [] },
  ...parts,
})

export const nodeProto = (opType: string, input: string[], output: string[], parts: Partial<NodeProto> = {}): NodeProto => ({
  ...{ opType, input, output, attribute: [], metadata: [] },
  ...parts,
})

export const attributeProto = (name: string, parts: Partial<AttributeProto>): AttributeProto => ({
  ...{ name, floats: [], ints: [], strings: [], tensors: [], graphs: [] },
  ...parts,
})

export const tensorProto = (name: string, dataType: number, dims: number[], parts: Partial<TensorProto>): TensorProto => ({
  ...{ floatData: [], int32Data: [], stringData: [], int64Data: [], doubleData: [], uint64Data: [], externalData: [] },
  ...{ name, dataType, dims },
  ...parts,
})

export const functionProto = (name: string, parts: Partial<FunctionProto>): FunctionProto => ({
  ...{ input: [], output: [], attribute: [], node: [], opset: [{ domain: '', version: 17 }], attributeDefaults: [], valueInfo: [] },
  ...{ name, domain: 'local' },
  ...parts,
})

/** `x: float32[2]` and the like. */
export function info(name: string, elemType = 1, dims: readonly (number | string)[] = [2]): ValueInfoProto {
  const dim = dims.map((size) => (typeof size === 'number' ? { value: size } : { param: size }))
  return { name, type: encodeBytes(typeSchema, { tensor: { elemType, shape: { dim } } }) }
}

/** Raw data from bytes. */
export const raw = (bytes: ArrayLike<number>) => ({ blob: memoryBlob(Uint8Array.from(bytes)), from: 0, to: bytes.length })

/** Bytes of a `float32` tensor. */
export const floats = (...values: number[]) => raw(new Uint8Array(Float32Array.from(values).buffer))

/** One run of a repeated number field, packed or with its tags. */
export const run = (bytes: ArrayLike<number>, packed = true): Run => ({ ...raw(bytes), packed })

/** An encoded model; opset 17 and IR 8 unless given. */
export function modelBytes(graph: Partial<GraphProto>, parts: Partial<ModelProto> = {}): Uint8Array {
  const whole: ModelProto = {
    ...{ irVersion: 8, opset: [{ domain: '', version: 17 }], metadata: [], functions: [], graph: graphProto(graph) },
    ...parts,
  }
  return encodeBytes(modelSchema, whole)
}

export const modelBlob = (graph: Partial<GraphProto>, parts: Partial<ModelProto> = {}) => memoryBlob(modelBytes(graph, parts))
