import { describe, expect, it } from 'vitest'
import { inverseFactor } from '../../../core/quantize/inverse-factor.ts'
import { inverseFactorBlocked } from '../../../core/quantize/inverse-factor-blocked.ts'
import { runtimeProducts } from '../../../core/quantize/products.ts'
import { workshop } from '../../support/pass-context.ts'
import { normals, seeded } from '../../support/seeds.ts'

const shop = await workshop()
const damping = 0.05

/** X^T X of random rows whose columns are related. */
function gramOf(size: number): Float32Array {
  const next = normals(seeded(size))
  const gram = new Float32Array(size * size)
  for (let row = 0; row < 40; row++) {
    const common = next()
    const x = Float32Array.from({ length: size }, () => common + next())
    for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) gram[i * size + j]! += x[i]! * x[j]!
  }
  return gram
}

/** The largest element of R (H + damping) R^T - 1: R^T R is the inverse. */
function offFromInverse(factor: Float32Array, gram: Float32Array, size: number): number {
  let trace = 0
  for (let i = 0; i < size; i++) trace += gram[i * size + i]!
  const half = new Float64Array(size * size)
  for (let i = 0; i < size; i++)
    for (let k = 0; k < size; k++) {
      const r = factor[i * size + k]!
      if (r !== 0)
        for (let j = 0; j < size; j++) half[i * size + j]! += r * (gram[k * size + j]! + (j === k ? (damping * trace) / size : 0))
    }
  let worst = 0
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++) {
      let sum = 0
      for (let k = j; k < size; k++) sum += half[i * size + k]! * factor[j * size + k]!
      worst = Math.max(worst, Math.abs(sum - (i === j ? 1 : 0)))
    }
  return worst
}

describe('the factor of the inverse', () => {
  it.each([1, 5, 96])('of %i columns', (size) => {
    const gram = gramOf(size)
    expect(offFromInverse(inverseFactor(gram, size, damping), gram, size)).toBeLessThan(1e-3)
  })

  it.each([256, 300, 520])('of %i columns in blocks, by the products of the runtime', async (size) => {
    const gram = gramOf(size)
    const factor = await inverseFactorBlocked(gram, size, damping, runtimeProducts(shop.context()))
    expect(offFromInverse(factor, gram, size)).toBeLessThan(1e-3)
    for (let i = 1; i < size; i++) expect(factor[i * size]).toBe(0)
  })

  it('says so when the moments are not positive definite', async () => {
    const gram = Float32Array.from([1, 3, 3, 1])
    expect(() => inverseFactor(gram, 2, 1e-6)).toThrow(/raise the damping/)
    await expect(inverseFactorBlocked(gram, 2, 1e-6, runtimeProducts(shop.context()))).rejects.toThrow(/raise the damping/)
  })
})
