import { readFileSync } from 'node:fs'
import { memoryBlob, type Tensor } from '../../core/ir/tensor.ts'
import { decode } from '../../core/onnx/decode.ts'
import { tensorSchema } from '../../core/onnx/schema.ts'
import { tensorFromProto } from '../../core/onnx/tensor-proto.ts'

/** The tensor of a file that holds one `TensorProto`, as the test data of ONNX does. Throws where it holds something else. */
export function readTensorFile(path: string): Tensor {
  const proto = decode(tensorSchema, memoryBlob(new Uint8Array(readFileSync(path))))
  return tensorFromProto(proto, proto.name ?? '', { folder: null, allowed: new Set(), blobs: new Map() })
}
