import { expect, test } from 'vitest'
import { openLiteRt } from '../../../core/runtime/litert.ts'
import { decodeFile, type TfliteFile } from '../../../core/tflite/file.ts'
import { encodeFile } from '../../support/tflite-bytes.ts'

const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer)

const file: TfliteFile = {
  description: 'adds a constant',
  buffers: [new Uint8Array(0), floats(10, 20), new Uint8Array([1, 2, 3])],
  subgraphs: [
    {
      name: 'main',
      tensors: [
        { name: 'a', dtype: 'float32', shape: [1, 2], buffer: 0, quantization: null },
        { name: 'b', dtype: 'float32', shape: [2], buffer: 1, quantization: null },
        { name: 'c', dtype: 'float32', shape: [-1, 2], buffer: 0, quantization: null },
        { name: 'q', dtype: 'int8', shape: [3], buffer: 2, quantization: { scale: [0.5, 0.25, 1], zeroPoint: [0, 0, 3], axis: 0 } },
      ],
      inputs: [0],
      outputs: [2],
      operators: [{ operator: 'ADD', version: 1, inputs: [0, 1], outputs: [2], options: { activation: 1, potScaleInt16: true } }],
    },
  ],
  signatures: [{ key: 'serving_default', subgraph: 0, inputs: [{ name: 'a', tensor: 0 }], outputs: [{ name: 'c', tensor: 2 }] }],
  metadata: [{ name: 'min_runtime_version', buffer: 2 }],
}

test('a file read back is the file written', () => {
  expect(decodeFile(encodeFile(file))).toEqual(file)
})

test('equal files give equal bytes', () => {
  expect(encodeFile(file)).toEqual(encodeFile(structuredClone(file)))
})

test('constant data is aligned to 16 bytes, so that a runtime can map it', () => {
  const bytes = encodeFile(file)
  const { buffers } = decodeFile(bytes)
  for (const buffer of buffers.slice(1)) expect((buffer.byteOffset - bytes.byteOffset) % 16).toBe(0)
})

test('data behind the table, as files from 2 GiB on have it, is read back alike', () => {
  expect(decodeFile(encodeFile(file, 'behind'))).toEqual(file)
})

test.each(['inside', 'behind'] as const)(
  'with its data %s the runtime loads the file and computes with its constant and fused activation',
  async (place) => {
    const session = await openLiteRt(encodeFile(file, place))
    expect(session.inputs).toEqual([{ name: 'a', dtype: 'float32', dims: [1, 2] }])
    const { c } = await session.run({ a: { dtype: 'float32', dims: [1, 2], data: floats(1, -50) } })
    expect([...new Float32Array(c?.data.slice().buffer as ArrayBuffer)]).toEqual([11, 0])
    session.close()
  },
)

test('bytes that are no .tflite file are refused in a sentence', () => {
  expect(() => decodeFile(new Uint8Array(100))).toThrow("do not carry the mark 'TFL3'")
})
