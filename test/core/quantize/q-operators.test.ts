import { describe, expect, it } from 'vitest'
import type { Model } from '../../../core/ir/model.ts'
import { quantizeStatic } from '../../../core/passes/quantize-static.ts'
import { modelOf } from '../../support/graph.ts'
import { madeUpData } from '../../support/noise-data.ts'
import { sqnr, workshop } from '../../support/pass-context.ts'
import { normals, seeded } from '../../support/seeds.ts'

const shop = await workshop()
const normal = normals(seeded('q-operators'))

const countsOf = (model: Model) => {
  const counts: Record<string, number> = {}
  for (const { opType } of model.graph.nodes) counts[opType] = (counts[opType] ?? 0) + 1
  return counts
}

/** A model in both forms, and how far their results are apart when nothing is fused. */
async function both(model: Model, dims: readonly number[], options: object = {}) {
  const data = await madeUpData(shop, { name: 'x', dims, count: 8 }, () => normal())
  const quantizers = (await shop.run(quantizeStatic, model, options, data)).parts[0]!
  const operators = (await shop.run(quantizeStatic, model, { ...options, format: 'qoperator' }, data)).parts[0]!
  const outputsOf = (each: Model) => shop.outputs(each, data.evaluation!, { level: 'disabled' })
  return { operators, same: sqnr(await outputsOf(quantizers), await outputsOf(operators)) }
}

const convolutional = modelOf(`(x: float32[batch, 4, 8, 8]) -> (y: float32[batch, 10])
  a = Conv(x, float32[8, 4, 3, 3], float32[8]) {pads: [1, 1, 1, 1]}
  b = Relu(a)
  c = Conv(b, float32[8, 8, 3, 3], float32[8]) {pads: [1, 1, 1, 1]}
  d = Add(b, c)
  e = Relu(d)
  m = MaxPool(e) {kernel_shape: [2, 2], strides: [2, 2]}
  n = Conv(m, float32[8, 8, 1, 1])
  o = Concat(m, n) {axis: 1}
  p = GlobalAveragePool(o)
  f = Flatten(p)
  y = Gemm(f, float32[10, 16], float32[10]) {transB: 1}`)

describe('operators of 8-bit arithmetic', () => {
  it('take the place of quantizers from end to end, with the same results', async () => {
    const { operators, same } = await both(convolutional, [4, 8, 8])
    expect(countsOf(operators)).toMatchObject({
      QLinearConv: 3,
      QLinearAdd: 1,
      QLinearConcat: 1,
      QLinearGlobalAveragePool: 1,
      MatMulInteger: 1,
    })
    for (const gone of ['Conv', 'Gemm', 'Relu']) expect(countsOf(operators)).not.toHaveProperty(gone)
    // Kernels of whole numbers may round a tie to the other side.
    expect(same).toBeGreaterThan(35)
  })

  it.each(['uint8', 'int8'])('with %s activations and a scale for the whole weight', async (activations) => {
    const { operators, same } = await both(convolutional, [4, 8, 8], { activations, perChannel: false, weights: 'full' })
    expect(countsOf(operators).QLinearConv).toBe(3)
    expect(same).toBeGreaterThan(35)
  })

  it('leave products in float where quantizers do', async () => {
    const model = modelOf(`(x: float32[batch, 6, 32]) -> (y: float32[batch, 6, 16])
      h = MatMul(x, float32[32, 24])
      s = Softmax(h)
      y = MatMul(s, float32[24, 16])`)
    const { operators, same } = await both(model, [6, 32])
    expect(countsOf(operators)).toMatchObject({ MatMulInteger: 2, QuantizeLinear: 2, Softmax: 1 })
    expect(countsOf(operators)).not.toHaveProperty('DequantizeLinear')
    expect(same).toBeGreaterThan(60)
  })

  it('are refused where the target reads quantizers only, or has none of that width', async () => {
    const data = await madeUpData(shop, { name: 'x', dims: [4, 8, 8], count: 8 }, () => normal())
    const options = quantizeStatic.options.parse({ format: 'qoperator' })
    const context = { ...shop.context(data), target: 'tensorrt' as const }
    await expect(quantizeStatic.run(convolutional.fork(), options, context)).rejects.toThrow(/reads quantizers only.*format qdq/)
    await expect(shop.run(quantizeStatic, convolutional, { format: 'qoperator', activations: 'uint16' }, data)).rejects.toThrow(/16-bit/)
  })
})

describe('activations of 16 bits', () => {
  it.each(['uint16', 'int16'])('as %s round finer than 8 bits, from operator set 21 on', async (activations) => {
    const data = await madeUpData(shop, { name: 'x', dims: [4, 8, 8], count: 8 }, () => normal())
    const { parts, notes } = await shop.run(quantizeStatic, convolutional, { activations, weights: 'full' }, data)
    expect(parts[0]!.opset).toBeGreaterThanOrEqual(21)
    const eight = (await shop.run(quantizeStatic, convolutional, { weights: 'full' }, data)).parts[0]!
    const reference = await shop.outputs(convolutional, data.evaluation!)
    const errors = await Promise.all([parts[0]!, eight].map(async (each) => sqnr(reference, await shop.outputs(each, data.evaluation!))))
    expect(errors[0]).toBeGreaterThan(errors[1]! + 1)
    expect(notes?.join(' ')).toMatch(/computes these layers in float/)
  })
})
