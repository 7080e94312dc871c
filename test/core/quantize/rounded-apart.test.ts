import { describe, expect, it } from 'vitest'
import { activationsRounded, weightsRounded } from '../../../core/quantize/rounded-apart.ts'
import { Workers } from '../../../core/quantize/workers.ts'
import { modelOf } from '../../support/graph.ts'
import { madeUpData } from '../../support/noise-data.ts'
import { sqnr, workshop } from '../../support/pass-context.ts'

const shop = await workshop()
const workers = new Workers()

const spellings = {
  'a MatMul': modelOf('(x: float32[n, 96]) -> (y: float32[n, 40])\ny = MatMul(x, float32[96, 40])'),
  'a MatMul behind a Transpose': modelOf(`(x: float32[n, 96]) -> (y: float32[n, 40])
    w = Transpose(float32[40, 96]) {perm: [1, 0]}
    y = MatMul(x, w)`),
  'a Gemm with transB': modelOf('(x: float32[n, 96]) -> (y: float32[n, 40])\ny = Gemm(x, float32[40, 96], float32[40]) {transB: 1}'),
}

describe.each(Object.entries(spellings))('%s', (_, model) => {
  const nodes = model.graph.nodes.map(({ id }) => id)
  const waves = () => madeUpData(shop, { name: 'x', dims: [96], count: 16 }, (i) => Math.sin(i * 0.37) + Math.cos(i * 1.3))

  it('loses 6 decibels a bit when its weights alone are rounded', async () => {
    const { evaluation } = await waves()
    const reference = await shop.outputs(model, evaluation!)
    const eight = sqnr(reference, await shop.outputs(await weightsRounded(model, nodes, 'int8', workers), evaluation!))
    const four = sqnr(reference, await shop.outputs(await weightsRounded(model, nodes, 'int4', workers), evaluation!))
    expect(eight).toBeGreaterThan(35)
    expect(eight).toBeLessThan(60)
    expect(four).toBeGreaterThan(12)
    expect(four).toBeLessThan(eight - 15)
  })

  it('loses a little when its activations alone are', async () => {
    const { evaluation } = await waves()
    const found = sqnr(await shop.outputs(model, evaluation!), await shop.outputs(activationsRounded(model, nodes), evaluation!))
    expect(found).toBeGreaterThan(35)
    expect(found).toBeLessThan(70)
  })
})
