import { expect, test } from 'vitest'
import type { DType } from '../../../core/ir/dtype.ts'
import { openLiteRt } from '../../../core/runtime/litert.ts'
import type { Fields } from '../../../core/tflite/codec.ts'
import type { Builtin } from '../../../core/tflite/operators.ts'
import { versionOf } from '../../../core/tflite/versions.ts'
import { encodeFile } from '../../support/tflite-bytes.ts'

/** `int8[1, 4]`, with `*n` for n scales; `-` for an input that is left out. */
function use(text: string) {
  if (text === '-') return null
  const [, dtype = '', shape = '', scales] = /^(\w+)\[([\d,]*)\](?:\*(\d+))?$/.exec(text) ?? []
  const count = Number(scales ?? 0)
  return {
    dtype: dtype as DType,
    shape: shape === '' ? [] : shape.split(',').map(Number),
    quantization: count === 0 ? null : { scale: new Array<number>(count).fill(1), zeroPoint: new Array<number>(count).fill(0), axis: 0 },
  }
}

/** What `tflite/tools/versioning/op_version.cc` of LiteRT gives, read off by hand. */
const published: readonly (readonly [Builtin, string, string, number, Fields?])[] = [
  ['CONV_2D', 'float32[1,8,8,4] float32[8,3,3,4]', 'float32[1,8,8,8]', 1],
  ['CONV_2D', 'float32[1,8,8,4] float32[8,3,3,2]', 'float32[1,8,8,8]', 6],
  ['CONV_2D', 'int8[1,8,8,4]*1 int8[8,3,3,4]*8', 'int8[1,8,8,8]*1', 3],
  ['CONV_2D', 'float32[1,8,8,4] int8[8,3,3,4]*8', 'float32[1,8,8,8]', 5],
  ['CONV_2D', 'float32[1,8,8,4] int8[8,3,3,4]*1', 'float32[1,8,8,8]', 2],
  ['CONV_2D', 'int8[1,8,8,4]*1 int4[8,3,3,4]*8', 'int8[1,8,8,8]*1', 7],
  ['DEPTHWISE_CONV_2D', 'float32[1,8,8,4] float32[1,3,3,4]', 'float32[1,8,8,4]', 1, { dilationW: 1, dilationH: 1 }],
  ['DEPTHWISE_CONV_2D', 'float32[1,8,8,4] float32[1,3,3,4]', 'float32[1,8,8,4]', 2, { dilationW: 2, dilationH: 1 }],
  ['DEPTHWISE_CONV_2D', 'int8[1,8,8,4]*1 int8[1,3,3,4]*4', 'int8[1,8,8,4]*1', 3],
  ['DEPTHWISE_CONV_2D', 'float32[1,8,8,4] int8[1,3,3,4]*4', 'float32[1,8,8,4]', 6],
  ['FULLY_CONNECTED', 'float32[1,4] float32[8,4] -', 'float32[1,8]', 1],
  ['FULLY_CONNECTED', 'float32[1,2,4] float32[8,4] -', 'float32[1,2,8]', 5, { keepNumDims: true }],
  ['FULLY_CONNECTED', 'float32[1,4] float32[8,4]', 'float32[1,8]', 6],
  ['FULLY_CONNECTED', 'int8[1,4]*1 int8[8,4]*1 int32[8]', 'int8[1,8]*1', 4],
  ['FULLY_CONNECTED', 'int8[1,4]*1 int8[8,4]*8 int32[8]', 'int8[1,8]*1', 4],
  ['FULLY_CONNECTED', 'float32[1,4] int8[8,4]*8 -', 'float32[1,8]', 12, { keepNumDims: true }],
  ['FULLY_CONNECTED', 'float32[1,4] int8[8,4]*1 -', 'float32[1,8]', 3],
  ['FULLY_CONNECTED', 'float32[1,4] int8[8,4]*1 -', 'float32[1,8]', 9, { asymmetricQuantizeInputs: true }],
  ['FULLY_CONNECTED', 'int8[1,4]*1 int4[8,4]*1 int32[8]', 'int8[1,8]*1', 10],
  ['TRANSPOSE_CONV', 'int32[4] float32[8,3,3,4] float32[1,8,8,4]', 'float32[1,16,16,8]', 1],
  ['TRANSPOSE_CONV', 'int32[4] float32[8,3,3,4] float32[1,8,8,4] float32[8]', 'float32[1,16,16,8]', 3],
  ['TRANSPOSE_CONV', 'int32[4] int8[8,3,3,4]*8 int8[1,8,8,4]*1', 'int8[1,16,16,8]*1', 2],
  ['BATCH_MATMUL', 'int8[2,3,4]*1 int8[2,4,3]*1', 'int8[2,3,3]*1', 2],
  ['BATCH_MATMUL', 'float32[2,3,4] float32[2,4,3]', 'float32[2,3,3]', 1],
  ['GATHER', 'bool[4] int32[2]', 'bool[2]', 3],
  ['GATHER', 'int8[4]*1 int32[2]', 'int8[2]*1', 2],
  ['GATHER', 'float32[2,4] int32[2,2]', 'float32[2,2]', 5, { batchDims: 1 }],
  ['GATHER_ND', 'bool[4] int32[2,1]', 'bool[2]', 5],
  ['MUL', 'int8[4]*1 int8[4]*1', 'int8[4]*1', 3],
  ['MUL', 'int64[4] int64[4]', 'int64[4]', 5],
  ['ADD', 'int8[4]*1 int8[4]*1', 'int8[4]*1', 2],
  ['ADD', 'float32[1,2,3,4,5] float32[5]', 'float32[1,2,3,4,5]', 1],
  ['SUB', 'float32[1,2,3,4,5] float32[5]', 'float32[1,2,3,4,5]', 3],
  ['SUB', 'float32[1,2,3,4,5] float32[1,2,3,4,5]', 'float32[1,2,3,4,5]', 1],
  ['DIV', 'float32[1,2,3,4,5] float32[5]', 'float32[1,2,3,4,5]', 2],
  ['MAXIMUM', 'float32[1,2,3,4,5] float32[5]', 'float32[1,2,3,4,5]', 3],
  ['MAXIMUM', 'int8[4]*1 int8[4]*1', 'int8[4]*1', 2],
  ['MAX_POOL_2D', 'int8[1,8,8,4]*1', 'int8[1,4,4,4]*1', 2],
  ['TRANSPOSE', 'float32[1,2,3,4,5]', 'float32[1,2,3,4,5]', 4],
  ['TRANSPOSE', 'float32[1,2,3,4,5,6]', 'float32[1,2,3,4,5,6]', 6],
  ['TRANSPOSE', 'bool[2,2]', 'bool[2,2]', 3],
  ['STRIDED_SLICE', 'float32[1,2,3,4,5]', 'float32[1,2,3,4,5]', 4],
  ['STRIDED_SLICE', 'bool[2,2]', 'bool[2,2]', 3],
  ['SLICE', 'float32[1,2,3,4,5]', 'float32[1,2,3,4,5]', 5],
  ['DEQUANTIZE', 'float16[4]', 'float32[4]', 3],
  ['DEQUANTIZE', 'int8[4]*1', 'float32[4]', 2],
  ['DEQUANTIZE', 'int8[4]*4', 'float32[4]', 5],
  ['DEQUANTIZE', 'int4[4]*4', 'float32[4]', 6],
  ['QUANTIZE', 'float32[4]', 'int8[4]*1', 1],
  ['ABS', 'int32[4]', 'int32[4]', 5],
  ['SIGN', 'int32[4]', 'int32[4]', 2],
  ['REVERSE_V2', 'bool[4] int32[1]', 'bool[4]', 2],
  ['RESIZE_BILINEAR', 'float32[1,4,4,1] int32[2]', 'float32[1,8,8,1]', 3, { halfPixelCenters: true }],
  ['RESIZE_BILINEAR', 'float32[1,4,4,1] int32[2]', 'float32[1,8,8,1]', 1, { alignCorners: true }],
  ['RESIZE_NEAREST_NEIGHBOR', 'float32[1,4,4,1] int32[2]', 'float32[1,8,8,1]', 3, { alignCorners: true }],
  ['EQUAL', 'int8[4] int8[4]', 'bool[4]', 2],
  ['NOT_EQUAL', 'string[4] string[4]', 'bool[4]', 3],
  ['PAD', 'float32[1,2,3,4,5] int32[5,2]', 'float32[1,2,3,4,5]', 4],
  ['PAD', 'int8[1,2,3,4]*1 int32[4,2]', 'int8[1,2,3,4]*1', 2],
  ['CONCATENATION', 'int8[4]*1 int8[4]*1', 'int8[8]*1', 2],
  ['SOFTMAX', 'int8[4]*1', 'int8[4]*1', 2],
  ['ARG_MAX', 'bool[4] int32[]', 'int32[]', 3],
  ['SELECT_V2', 'bool[4] float32[4] float32[4]', 'float32[4]', 1],
  ['TOPK_V2', 'float32[4] int32[]', 'float32[2] int32[2]', 1],
  ['BROADCAST_TO', 'float32[4] int32[2]', 'float32[2,4]', 2],
  ['BROADCAST_TO', 'int8[4] int32[2]', 'int8[2,4]', 3],
  ['CAST', 'int8[4]', 'float32[4]', 3],
  ['CAST', 'bool[4]', 'int32[4]', 1],
  ['CAST', 'uint32[4]', 'float32[4]', 2],
  ['WHERE', 'bool[4]', 'int32[4,1]', 1],
  ['WHERE', 'float32[4]', 'int32[4,1]', 2],
  ['GELU', 'float32[4]', 'float32[4]', 1],
]

for (const [operator, inputs, outputs, version, options = {}] of published) {
  test(`${operator} of ${inputs} to ${outputs} is version ${version}`, () => {
    const tensors = outputs.split(' ').map((text) => use(text) as NonNullable<ReturnType<typeof use>>)
    expect(versionOf({ operator, inputs: inputs.split(' ').map(use), outputs: tensors, options })).toBe(version)
  })
}

test('the runtime refuses a version that it has no kernel for: what the other tests load is judged by it', async () => {
  const tensor = (name: string) => ({ name, dtype: 'float32' as const, shape: [4], buffer: 0, quantization: null })
  const file = (version: number) => ({
    description: '',
    buffers: [new Uint8Array(0)],
    subgraphs: [
      {
        name: 'main',
        tensors: [tensor('x'), tensor('y')],
        inputs: [0],
        outputs: [1],
        operators: [{ operator: 'ABS' as const, version, inputs: [0], outputs: [1], options: {} }],
      },
    ],
    signatures: [{ key: 'serving_default', subgraph: 0, inputs: [{ name: 'x', tensor: 0 }], outputs: [{ name: 'y', tensor: 1 }] }],
    metadata: [],
  })
  ;(await openLiteRt(encodeFile(file(1)))).close()
  await expect(openLiteRt(encodeFile(file(99)))).rejects.toThrow()
})
