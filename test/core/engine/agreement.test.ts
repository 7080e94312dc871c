import { describe, expect, it } from 'vitest'
import { agreementOf } from '../../../core/engine/agreement.ts'
import type { TensorData } from '../../../core/observe/reducer.ts'

const rows = (...values: number[][]): TensorData => ({
  dtype: 'float32',
  dims: [values.length, values[0]?.length ?? 0],
  data: new Uint8Array(Float32Array.from(values.flat()).buffer),
})
const between = (a: TensorData, b: TensorData) => agreementOf([{ y: a }], [{ y: b }])

describe('how far outputs are apart', () => {
  it('is measured by the root mean square of the reference', () => {
    const { maxAbs, maxRelative, cosine } = between(rows([30, 40]), rows([30, 41]))
    expect(maxAbs).toBe(1)
    expect(maxRelative).toBeCloseTo(1 / Math.sqrt(1250), 10)
    expect(cosine).toBeLessThan(1)
  })

  it('never by less than 1', () => {
    expect(between(rows([0.1, 0.2]), rows([0.1, 0.3])).maxRelative).toBeCloseTo(0.1, 6)
  })

  it('counts rows with the same largest element; a lead within rounding is none', () => {
    expect(between(rows([1, 2], [2, 1]), rows([1, 2], [1, 2])).agreement).toBe(0.5)
    expect(between(rows([1, 1.0001], [2, 1]), rows([1, 0.9999], [2, 1])).agreement).toBe(1)
  })

  it('has no direction where everything is all but zero', () => {
    expect(between(rows([1e-7, 2e-7]), rows([2e-7, 0])).cosine).toBe(1)
    expect(between(rows([1e-7, 2e-7]), rows([0.1, 0])).cosine).toBeLessThan(0.5)
  })

  it('counts what is no finite number apart', () => {
    const { compared, nonFinite, maxAbs } = between(rows([1, Number.NaN, Number.POSITIVE_INFINITY]), rows([1.5, Number.NaN, 3]))
    expect({ compared, nonFinite, maxAbs }).toEqual({ compared: 1, nonFinite: { same: 1, other: 1 }, maxAbs: 0.5 })
  })

  it('cannot be told of what became NaN', () => {
    expect(between(rows([1, 2]), rows([1, Number.NaN])).fault).toContain('NaN')
  })
})
