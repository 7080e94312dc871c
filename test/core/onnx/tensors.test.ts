import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type DType, onnxCode } from '../../../core/ir/dtype.ts'
import { arrayBytes, numbersOf, typedArrayOf } from '../../../core/ir/numbers.ts'
import type { Tensor } from '../../../core/ir/tensor.ts'
import { openModel } from '../../../core/onnx/read.ts'
import type { TensorProto } from '../../../core/onnx/schema.ts'
import { writeModel } from '../../../core/onnx/write.ts'
import { modelBlob, raw, run, tensorProto } from '../../support/onnx-bytes.ts'

const scratch = mkdtempSync(join(tmpdir(), 'lathe-tensors-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const read = (dtype: DType, dims: number[], parts: Partial<TensorProto>): Tensor =>
  openModel(modelBlob({ initializer: [tensorProto('w', onnxCode(dtype), dims, parts)] })).graph.find('w')!.constant!

/** 1, 300 and -2 as varints. */
const varints = { one: [0x01], threeHundred: [0xac, 0x02], minusTwo: [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01] }

describe('typed data reads as raw data would', () => {
  it.each<[DType, Partial<TensorProto>, ArrayBufferView]>([
    ['float32', { floatData: [run(arrayBytes(Float32Array.of(1.5, -2)))] }, Float32Array.of(1.5, -2)],
    ['float64', { doubleData: [run(arrayBytes(Float64Array.of(1.5, -2)))] }, Float64Array.of(1.5, -2)],
    ['int32', { int32Data: [run([...varints.threeHundred, ...varints.minusTwo])] }, Int32Array.of(300, -2)],
    ['int16', { int32Data: [run([...varints.threeHundred, ...varints.minusTwo])] }, Int16Array.of(300, -2)],
    ['int8', { int32Data: [run([...varints.one, ...varints.minusTwo])] }, Int8Array.of(1, -2)],
    ['uint8', { int32Data: [run([1, 200, 1])] }, Uint8Array.of(1, 200)],
    ['bool', { int32Data: [run([1, 0])] }, Uint8Array.of(1, 0)],
    ['float16', { int32Data: [run([0x80, 0x78, 0x80, 0x80, 0x03])] }, Uint16Array.of(0x3c00, 0xc000)],
    ['bfloat16', { int32Data: [run([0x80, 0x7f, 0x80, 0x80, 0x03])] }, Uint16Array.of(0x3f80, 0xc000)],
    ['float8e4m3fn', { int32Data: [run([0x38, 0xb8, 0x01])] }, Uint8Array.of(0x38, 0xb8)],
    ['int64', { int64Data: [run([...varints.threeHundred, ...varints.minusTwo])] }, BigInt64Array.of(300n, -2n)],
    ['uint64', { uint64Data: [run([...varints.one, ...varints.minusTwo])] }, BigUint64Array.of(1n, 2n ** 64n - 2n)],
    ['uint32', { uint64Data: [run([1, 0xff, 0xff, 0xff, 0xff, 0x0f])] }, Uint32Array.of(1, 2 ** 32 - 1)],
  ])('%s', (dtype, parts, expected) => {
    expect(typedArrayOf(read(dtype, [2], parts))).toEqual(expected)
  })

  it('complex numbers stand as pairs', () => {
    const values = Float32Array.of(1, 2, 3, 4)
    expect(read('complex64', [2], { floatData: [run(arrayBytes(values))] }).read()).toEqual(Buffer.from(values.buffer))
  })

  it('unpacked, as old writers do, and in pieces', () => {
    const tagged = [0x25, ...arrayBytes(Float32Array.of(1)), 0x25, ...arrayBytes(Float32Array.of(2))]
    expect([...numbersOf(read('float32', [2], { floatData: [run(tagged, false)] }))]).toEqual([1, 2])
    expect([...numbersOf(read('int64', [3], { int64Data: [run([0x38, 7, 0x38, 8], false), run([9])] }))]).toEqual([7, 8, 9])
    const halves = [run(arrayBytes(Float32Array.of(1))), run(arrayBytes(Float32Array.of(2)))]
    expect([...numbersOf(read('float32', [2], { floatData: halves }))]).toEqual([1, 2])
  })

  it('packed sub-byte integers, one byte an element of the field', () => {
    expect([...numbersOf(read('uint4', [3], { int32Data: [run([0x21, 0x0f])] }))]).toEqual([1, 2, 15])
    expect([...numbersOf(read('int4', [2], { int32Data: [run([0x8f, 0x01])] }))]).toEqual([-1, -8])
    expect([...numbersOf(read('int2', [5], { int32Data: [run([0b01001110, 0b01])] }))]).toEqual([-2, -1, 0, 1, 1])
  })

  it('six-bit floats, one element a byte in the field and four in three bytes when raw', () => {
    const tensor = read('float6e2m3', [5], { int32Data: [run([1, 2, 3, 63, 5])] })
    expect([...tensor.read()]).toEqual([0b10000001, 0b00110000, 0b11111100, 0b00000101])
  })

  it('strings, of any bytes', () => {
    const strings = [Buffer.from('é'), Buffer.from([0xff, 0]), Buffer.alloc(0)]
    const tensor = read('string', [3], { stringData: strings.map((text) => run(text)) })
    expect(tensor.strings!.map((text) => Buffer.from(text))).toEqual(strings)
  })

  it('nothing at all for an empty tensor, whichever field it would be in', () => {
    expect(read('float32', [0, 4], {}).read()).toHaveLength(0)
    expect(read('float32', [0], { rawData: raw([]) }).read()).toHaveLength(0)
    expect(read('int64', [0], {}).ref.dims).toEqual([0])
  })
})

describe('every element type', () => {
  const widths: readonly (readonly [DType, number])[] = [
    ['float32', 4],
    ['float64', 8],
    ['float16', 2],
    ['bfloat16', 2],
    ['float8e4m3fn', 1],
    ['float8e4m3fnuz', 1],
    ['float8e5m2', 1],
    ['float8e5m2fnuz', 1],
    ['float8e8m0', 1],
    ['float4e2m1', 0.5],
    ['float6e2m3', 0.75],
    ['float6e3m2', 0.75],
    ['int4', 0.5],
    ['uint4', 0.5],
    ['int2', 0.25],
    ['uint2', 0.25],
    ['int8', 1],
    ['uint8', 1],
    ['int16', 2],
    ['uint16', 2],
    ['int32', 4],
    ['uint32', 4],
    ['int64', 8],
    ['uint64', 8],
    ['bool', 1],
    ['complex64', 8],
    ['complex128', 16],
  ]

  it('keeps its bytes, type and dims through a file, an external file, and back', async () => {
    const initializer = widths.map(([dtype, width], index) => {
      const bytes = Uint8Array.from({ length: Math.ceil(3000 * width) }, (_, at) => (at * 7 + index) % 251)
      return tensorProto(dtype, onnxCode(dtype), [3, 1000], { rawData: raw(bytes) })
    })
    const model = openModel(modelBlob({ initializer }))
    for (const externalData of ['never', 'always'] as const) {
      const { path } = await writeModel(model, join(scratch, `${externalData}.onnx`), { externalData })
      const again = openModel(path)
      for (const { name, constant } of model.graph.initializers) {
        const other = again.graph.find(name)!.constant!
        expect([other.ref.dtype, other.ref.dims], name).toEqual([constant!.ref.dtype, constant!.ref.dims])
        expect(Buffer.from(other.read()).equals(Buffer.from(constant!.read())), name).toBe(true)
      }
    }
  })
})

describe('sparse initializers', () => {
  const sparse = (indices: Partial<TensorProto>, dims: number[], dataType = 7) => ({
    sparseInitializer: [
      {
        dims: [2, 3],
        values: tensorProto('s', 1, [2], { rawData: raw(arrayBytes(Float32Array.of(5, 6))) }),
        indices: tensorProto('', dataType, dims, indices),
      },
    ],
  })

  it.each([
    ['linear positions', sparse({ int64Data: [run([1, 5])] }, [2])],
    ['coordinates', sparse({ int64Data: [run([0, 1, 1, 2])] }, [2, 2])],
    ['positions of 8 bits, as onnxruntime writes them', sparse({ rawData: raw(Uint8Array.of(1, 5)) }, [2], 3)],
    ['positions of 16 bits', sparse({ rawData: raw(arrayBytes(Int16Array.of(1, 5))) }, [2], 5)],
    ['coordinates of 32 bits', sparse({ int32Data: [run([0, 1, 1, 2])] }, [2, 2], 6)],
  ])('by %s read dense, and are written back sparse', async (_, graph) => {
    const model = openModel(modelBlob(graph))
    const dense = (from: typeof model) => [...numbersOf(from.graph.find('s')!.constant!)]
    expect(dense(model)).toEqual([0, 5, 0, 0, 0, 6])
    model.graph.rename(model.graph.find('s')!, 't')
    const { path } = await writeModel(model, join(scratch, 'sparse.onnx'))
    const again = openModel(path)
    expect([...numbersOf(again.graph.find('t')!.constant!)]).toEqual([0, 5, 0, 0, 0, 6])
  })
})
