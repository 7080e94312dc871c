import { describe, expect, it } from 'vitest'
import type { DType } from '../../../core/ir/dtype.ts'
import { tensorFrom } from '../../../core/ir/numbers.ts'
import { closeness } from '../../../core/pipeline/closeness.ts'

const data = (values: readonly number[], dtype: DType = 'float32', dims: readonly number[] = [values.length]) => ({
  dtype,
  dims,
  data: tensorFrom(dtype, dims, values).read(),
})

describe('how near a tensor is to its reference', () => {
  it('takes NaN for NaN, an infinity for itself, and minus zero for zero', () => {
    const odd = [Number.NaN, Number.POSITIVE_INFINITY, 0]
    expect(closeness(data(odd), data([Number.NaN, Number.POSITIVE_INFINITY, -0]), 'exact')).toMatchObject({
      near: true,
      maxAbs: 0,
      cosine: 1,
    })
    expect(closeness(data(odd), data([1, Number.POSITIVE_INFINITY, 0]), 'rounding').near).toBe(false)
  })

  it('counts what its figures speak of', () => {
    const odd = [Number.NaN, Number.POSITIVE_INFINITY, 1, 2]
    expect(closeness(data(odd), data(odd), 'exact')).toMatchObject({ compared: 2, unequalSpecials: 0 })
    expect(closeness(data(odd), data([0, 0, Number.NaN, 2]), 'lossy')).toMatchObject({ near: true, compared: 1, unequalSpecials: 3 })
  })

  it('wants equal floats of what is exact, and allows rounding where it was announced', () => {
    const reference = Array.from({ length: 100 }, (_, i) => Math.sin(i))
    const moved = reference.map((value) => value + 9e-5)
    expect(closeness(data(reference), data(moved), 'exact').near).toBe(false)
    expect(closeness(data(reference), data(moved), 'rounding').near).toBe(true)
    expect(closeness(data(reference), data(reference.map((value) => value + 2e-4)), 'rounding')).toMatchObject({
      near: false,
      why: expect.stringContaining('allowed is'),
    })
  })

  it('scales what it allows with the reference, and still wants the same direction', () => {
    const large = [1e4, -2e4, 3e4]
    expect(closeness(data(large), data([1e4 + 1, -2e4, 3e4]), 'rounding').near).toBe(true)
    const mixed = [100, ...Array.from({ length: 9999 }, () => 0.02)]
    expect(closeness(data(mixed), data(mixed.map((value, at) => (at === 0 ? value : value + 0.0001))), 'rounding').near).toBe(true)
  })

  it('allows integers no rounding at all', () => {
    expect(closeness(data([1, 2], 'int64'), data([1, 3], 'int64'), 'rounding').near).toBe(false)
  })

  it('judges nothing of what is lossy but its type and shape', () => {
    expect(closeness(data([1, 2]), data([9, 9]), 'lossy')).toMatchObject({ near: true, maxAbs: 8 })
    expect(closeness(data([1, 2]), data([1, 2], 'float32', [1, 2]), 'lossy').why).toBe('shape [1, 2] instead of [2]')
    expect(closeness(data([1, 2]), data([1, 2], 'float16'), 'lossy').why).toBe('type float16 instead of float32')
  })
})
