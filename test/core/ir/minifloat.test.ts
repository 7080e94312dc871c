import { describe, expect, it } from 'vitest'
import type { DType } from '../../../core/ir/dtype.ts'
import { minifloatTable } from '../../../core/ir/minifloat.ts'
import { numbersOf } from '../../../core/ir/numbers.ts'
import { tensorOf } from '../../../core/ir/tensor.ts'

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number

describe('small floats', () => {
  it.each<[DType, [code: number, value: number][]]>([
    [
      'float8e4m3fn',
      [
        [0x00, 0],
        [0x80, -0],
        [0x01, 2 ** -9],
        [0x08, 2 ** -6],
        [0x38, 1],
        [0xb8, -1],
        [0x7e, 448],
        [0x7f, nan],
        [0xff, nan],
      ],
    ],
    [
      'float8e4m3fnuz',
      [
        [0x00, 0],
        [0x80, nan],
        [0x01, 2 ** -10],
        [0x40, 1],
        [0x7f, 240],
        [0xff, -240],
      ],
    ],
    [
      'float8e5m2',
      [
        [0x3c, 1],
        [0x01, 2 ** -16],
        [0x7b, 57344],
        [0x7c, infinity],
        [0xfc, -infinity],
        [0x7d, nan],
        [0xff, nan],
      ],
    ],
    [
      'float8e5m2fnuz',
      [
        [0x40, 1],
        [0x80, nan],
        [0x7f, 57344],
        [0x01, 2 ** -17],
      ],
    ],
    [
      'float8e8m0',
      [
        [0x00, 2 ** -127],
        [0x7f, 1],
        [0x80, 2],
        [0xfe, 2 ** 127],
        [0xff, nan],
      ],
    ],
    [
      'float6e2m3',
      [
        [0x01, 0.125],
        [0x08, 1],
        [0x1f, 7.5],
        [0x3f, -7.5],
      ],
    ],
    [
      'float6e3m2',
      [
        [0x01, 0.0625],
        [0x0c, 1],
        [0x1f, 28],
        [0x3f, -28],
      ],
    ],
    [
      'float4e2m1',
      [
        [0, 0],
        [1, 0.5],
        [2, 1],
        [3, 1.5],
        [4, 2],
        [5, 3],
        [6, 4],
        [7, 6],
        [15, -6],
      ],
    ],
  ])('%s', (dtype, pairs) => {
    const table = minifloatTable(dtype)!
    expect(pairs.map(([code]) => table[code])).toEqual(pairs.map(([, value]) => value))
  })

  it('read as numbers, packed as ONNX packs them', () => {
    expect([...numbersOf(tensorOf('float8e4m3fn', [2], Uint8Array.of(0x38, 0x7e)))]).toEqual([1, 448])
    expect([...numbersOf(tensorOf('float4e2m1', [3], Uint8Array.of(0x21, 0x0f)))]).toEqual([0.5, 1, -6])
    // The codes 8, 1, 63, 0, 1.
    expect([...numbersOf(tensorOf('float6e2m3', [5], Uint8Array.of(72, 240, 3, 1)))]).toEqual([1, 0.125, -7.5, 0, 0.125])
  })
})
