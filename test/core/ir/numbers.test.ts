import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bitsOf, byteLength, type DType, dtypeOfCode, dtypes, onnxCode } from '../../../core/ir/dtype.ts'
import {
  bfloatToNumber,
  float32Tensor,
  halfToNumber,
  int64Of,
  int64Tensor,
  numbersOf,
  numberToBfloat,
  numberToHalf,
  tensorFrom,
  typedArrayOf,
} from '../../../core/ir/numbers.ts'
import { memoryBlob, tensorAt } from '../../../core/ir/tensor.ts'

/** The half that is nearest to a number, found by looking at its neighbours: slow and plain. */
function nearestHalf(value: number): number {
  const sign = Object.is(value, -0) || value < 0 ? 0x8000 : 0
  const size = Math.abs(value)
  if (size >= 65520) return sign | 0x7c00
  let low = 0
  let high = 0x7bff
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (halfToNumber(middle) <= size) low = middle
    else high = middle
  }
  if (halfToNumber(high) <= size) return sign | high
  const below = size - halfToNumber(low)
  const above = halfToNumber(high) - size
  const pick = below < above || (below === above && low % 2 === 0) ? low : high
  return sign | pick
}

describe('float16', () => {
  it('every pattern that is a number comes back from its number', () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      const value = halfToNumber(bits)
      if (!Number.isNaN(value)) expect(numberToHalf(value)).toBe(bits)
    }
  })

  it.each([
    [0, 0x0000],
    [-0, 0x8000],
    [1, 0x3c00],
    [65504, 0x7bff],
    [65519.99, 0x7bff],
    [65520, 0x7c00],
    [-1e300, 0xfc00],
    [2 ** -24, 0x0001],
    [2 ** -25, 0x0000],
    [2 ** -25 * 1.0001, 0x0001],
    [2 ** -14 - 2 ** -24, 0x03ff],
    [1 + 2 ** -11, 0x3c00],
    [1 + 2 ** -11 + 2 ** -40, 0x3c01],
    [1 + 3 * 2 ** -11, 0x3c02],
    [Number.POSITIVE_INFINITY, 0x7c00],
  ])('%d is %d', (value, bits) => expect(numberToHalf(value)).toBe(bits))

  it('a number that is none stays none', () => expect(halfToNumber(numberToHalf(Number.NaN))).toBeNaN())

  it('rounds any number to the nearest, ties to even', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -70000, max: 70000 }), (value) => numberToHalf(value) === nearestHalf(value)),
      { numRuns: 2000 },
    )
  })
})

describe('bfloat16', () => {
  it('every pattern that is a number comes back from its number', () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      const value = bfloatToNumber(bits)
      if (!Number.isNaN(value)) expect(numberToBfloat(value)).toBe(bits)
    }
  })

  it.each([
    [1 + 2 ** -8, 0x3f80],
    [1 + 2 ** -8 + 2 ** -40, 0x3f81],
    [1 + 3 * 2 ** -8, 0x3f82],
    [3.4e38, 0x7f80],
    [1e300, 0x7f80],
    [-1 - 2 ** -9, 0xbf80],
  ])('%d is %d', (value, bits) => expect(numberToBfloat(value)).toBe(bits))

  it('a number that is none stays none', () => expect(bfloatToNumber(numberToBfloat(Number.NaN))).toBeNaN())
})

const ranges: readonly (readonly [DType, number, number])[] = [
  ['int2', -2, 1],
  ['uint2', 0, 3],
  ['int4', -8, 7],
  ['uint4', 0, 15],
  ['int8', -128, 127],
  ['uint8', 0, 255],
  ['int16', -32768, 32767],
  ['uint16', 0, 65535],
  ['int32', -(2 ** 31), 2 ** 31 - 1],
  ['uint32', 0, 2 ** 32 - 1],
  ['int64', -(2 ** 53) + 1, 2 ** 53 - 1],
  ['uint64', 0, 2 ** 53 - 1],
]

describe('integers', () => {
  it.each(ranges)('%s keeps every value of its range, packed or not, at any length', (dtype, min, max) => {
    fc.assert(
      fc.property(
        fc.array(
          fc.maxSafeInteger().map((n) => min + (Math.abs(n) % (max - min + 1))),
          { maxLength: 9 },
        ),
        (values) => {
          const tensor = tensorFrom(dtype, [values.length], values)
          expect(tensor.ref.length).toBe(byteLength(dtype, values.length))
          expect([...numbersOf(tensor)]).toEqual(values)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('packs four bits low half first, as ONNX does', () => {
    expect([...tensorFrom('uint4', [3], [1, 2, 15]).read()]).toEqual([0x21, 0x0f])
    expect([...tensorFrom('int4', [2], [-1, -8]).read()]).toEqual([0x8f])
    expect([...tensorFrom('int2', [5], [-2, -1, 0, 1, 1]).read()]).toEqual([0b01001110, 0b01])
  })

  it('numbers at the ends of int64 become its ends', () => {
    expect([int64Of(2 ** 63), int64Of(-(2 ** 63)), int64Of(5)]).toEqual([2n ** 63n - 1n, -(2n ** 63n), 5n])
    expect(typedArrayOf(int64Tensor([2 ** 63]))[0]).toBe(2n ** 63n - 1n)
  })
})

describe('typed arrays over blobs', () => {
  it('are right at odd offsets, over plain and over Node buffers', () => {
    const values = Float32Array.of(1.5, -2, 3)
    for (const make of [(size: number) => new Uint8Array(size), (size: number) => Buffer.alloc(size)]) {
      const bytes = make(15)
      bytes.set(new Uint8Array(values.buffer), 3)
      const tensor = tensorAt(memoryBlob(bytes), { offset: 3, length: 12, dtype: 'float32', dims: [3] })
      expect(typedArrayOf(tensor)).toEqual(values)
    }
  })

  it('refuse a length that dims do not ask for', () => {
    expect(() => float32Tensor([2, 2], [1, 2, 3])).toThrow(/has 16 bytes, not 12/)
  })

  it('half precision reads as numbers', () => {
    expect([...numbersOf(tensorFrom('float16', [2], [0.1, -4]))]).toEqual([0.0999755859375, -4])
    expect([...numbersOf(tensorFrom('bfloat16', [1], [0.1]))]).toEqual([0.10009765625])
    expect([...numbersOf(tensorFrom('bool', [2], [0, 7]))]).toEqual([0, 1])
  })
})

describe('element types', () => {
  it('have the codes of ONNX both ways, and sizes to the bit', () => {
    for (const dtype of dtypes) expect(dtypeOfCode(onnxCode(dtype))).toBe(dtype)
    expect([0, 29, -1].map(dtypeOfCode)).toEqual([undefined, undefined, undefined])
    expect([bitsOf('int4'), byteLength('int4', 3), byteLength('uint2', 5), byteLength('float6e2m3', 4)]).toEqual([4, 2, 2, 3])
  })
})
