import { describe, expect, it } from 'vitest'
import type { BlockOptions } from '../../../core/quantize/block-weights.ts'
import { gptqWeights } from '../../../core/quantize/gptq.ts'
import { gptqWeightsBlocked } from '../../../core/quantize/gptq-blocked.ts'
import { inverseFactor } from '../../../core/quantize/inverse-factor.ts'
import { runtimeProducts } from '../../../core/quantize/products.ts'
import type { WeightMatrix } from '../../../core/quantize/weight-matrix.ts'
import { workshop } from '../../support/pass-context.ts'
import { normals, seeded } from '../../support/seeds.ts'

const shop = await workshop()

function problem(channels: number, depth: number) {
  const next = normals(seeded(depth))
  const gram = new Float32Array(depth * depth)
  for (let row = 0; row < 64; row++) {
    const common = next()
    const x = Float32Array.from({ length: depth }, () => common + next())
    for (let i = 0; i < depth; i++) for (let j = 0; j < depth; j++) gram[i * depth + j]! += x[i]! * x[j]!
  }
  const values = Float32Array.from({ length: channels * depth }, next)
  const matrix: WeightMatrix = { values, channels, depth, layout: 'columns' }
  return { matrix, factor: inverseFactor(gram, depth, 0.05) }
}

const options = (block: number): BlockOptions => ({ bits: 4, block, symmetric: false, levels: 'uniform', method: 'rtn', form: 'nbits' })

describe('GPTQ in spans, with the products of the runtime', () => {
  it.each([
    [32, 300, 11],
    [256, 520, 8],
    [16, 128, 3],
  ])('gives the weights of the plain algorithm (blocks of %i, depth %i, %i channels)', async (block, depth, channels) => {
    const { matrix, factor } = problem(channels, depth)
    const plain = gptqWeights(matrix, options(block), factor)
    const blocked = await gptqWeightsBlocked(matrix, options(block), { factor, products: runtimeProducts(shop.context()) })
    expect(blocked.finite).toBe(true)
    // Sums in another order: single weights that lie between two levels may go to the other one.
    const same = plain.values.filter((value, i) => value === blocked.values[i]).length
    expect(same / plain.values.length).toBeGreaterThan(0.97)
    blocked.scales.forEach((scale, i) => {
      expect(Math.abs(scale / plain.scales[i]! - 1)).toBeLessThan(0.02)
    })
  })

  it('says that weights are not finite', async () => {
    const { matrix, factor } = problem(2, 64)
    matrix.values[5] = Number.NaN
    expect(gptqWeights(matrix, options(32), factor).finite).toBe(false)
    const blocked = await gptqWeightsBlocked(matrix, options(32), { factor, products: runtimeProducts(shop.context()) })
    expect(blocked.finite).toBe(false)
  })
})
