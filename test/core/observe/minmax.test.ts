import { describe, expect, it } from 'vitest'
import { minmax } from '../../../core/observe/minmax.ts'
import { floatsIn, randomTensor, reduced, tensorData } from '../../support/tensor-data.ts'

describe('minmax', () => {
  it('is the range over all batches', () => {
    const [a, b] = [randomTensor([3, 4], 1), randomTensor([2, 4], 2, 3)]
    const all = [...floatsIn(a), ...floatsIn(b)]
    expect(reduced(minmax, {}, [[a], [b]])).toEqual({ min: [Math.min(...all)], max: [Math.max(...all)] })
  })

  it.each([0, 1, 2, -1])('is kept for each index of axis %i', (axis) => {
    const dims = [2, 3, 4]
    const tensor = randomTensor(dims, 7)
    const at = axis < 0 ? axis + 3 : axis
    const strides = [12, 4, 1]
    const groups = Array.from({ length: dims[at] as number }, (): number[] => [])
    floatsIn(tensor).forEach((number, i) => {
      groups[Math.floor(i / (strides[at] as number)) % (dims[at] as number)]?.push(number)
    })
    expect(reduced(minmax, { axis }, [[tensor]])).toEqual({
      min: groups.map((group) => Math.min(...group)),
      max: groups.map((group) => Math.max(...group)),
    })
  })

  it('leaves out what is not finite, and says 0 where nothing is left', () => {
    const tensor = tensorData('float32', [2, 3], [Number.NaN, Number.POSITIVE_INFINITY, 2, Number.NEGATIVE_INFINITY, 1, Number.NaN])
    expect(reduced(minmax, {}, [[tensor]])).toEqual({ min: [1], max: [2] })
    expect(reduced(minmax, { axis: 1 }, [[tensor]])).toEqual({ min: [0, 1, 2], max: [0, 1, 2] })
    expect(reduced(minmax, {}, [])).toEqual({ min: [0], max: [0] })
  })

  it.each(['float16', 'float64', 'int8', 'uint8', 'int64', 'bfloat16'] as const)('reads %s', (dtype) => {
    expect(reduced(minmax, {}, [[tensorData(dtype, [3], [1, 100, 5])]])).toEqual({ min: [1], max: [100] })
  })
})
