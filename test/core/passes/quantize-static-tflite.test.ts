import { describe, expect, it } from 'vitest'
import type { Model } from '../../../core/ir/model.ts'
import { quantizeStatic } from '../../../core/passes/quantize-static.ts'
import { agreement } from '../../support/check-tflite.ts'
import { modelOf } from '../../support/graph.ts'
import { madeUpData } from '../../support/noise-data.ts'
import { sqnr, workshop } from '../../support/pass-context.ts'
import { normals, seeded } from '../../support/seeds.ts'

const shop = await workshop()

/** The model in 8 bits for LiteRT, how well it does beside the float one, and the kernels of its file. */
async function quantized(model: Model) {
  const normal = normals(seeded('whole kernels'))
  const data = await madeUpData(shop, { name: 'x', dims: [8, 8, 8], count: 32 }, () => normal())
  const context = { ...shop.context(data), target: 'tflite' as const }
  const { parts } = await quantizeStatic.run(model.fork(), quantizeStatic.options.parse({ activations: 'int8' }), context)
  const version = parts[0] as Model
  const [before, after] = [
    await shop.outputs(model, data.evaluation!),
    await shop.outputs(version, data.evaluation!, { level: 'disabled' }),
  ]
  return { ...(await agreement(version)), decibels: sqnr(before, after) }
}

const network = (between: string, last = 'float32[4, 8, 1, 1]') => `opset 18
(x: float32[batch, 8, 8, 8]) -> (y: float32)
a = Conv(x, float32[8, 8, 3, 3], float32[8]) {pads: [1, 1, 1, 1]}
${between}
y = Conv(z, ${last})`

describe('between convolutions LiteRT computes in 8 bits', () => {
  it.each([
    ['the gate of SiLU', 's = Sigmoid(a)\nz = Mul(a, s)', undefined],
    ['HardSwish', 'z = HardSwish(a)', undefined],
    ['LeakyRelu', 'z = LeakyRelu(a) {alpha: 0.1}', undefined],
    ['differences', 'b = Conv(x, float32[8, 8, 1, 1])\nz = Sub(a, b)', undefined],
    ['what resizing repeats', 'z = Resize(a, _, float32[4] {1, 1, 2, 2}) {mode: "nearest"}', undefined],
    ['parts, all of them', 'b, c = Split(a) {axis: 1, num_outputs: 2}\nz = Add(b, c)', 'float32[4, 4, 1, 1]'],
    ['what is looked up', 'z = Gather(a, int64[4] {0, 2, 4, 6}) {axis: 1}', 'float32[4, 4, 1, 1]'],
  ])('%s', async (_, between, last) => {
    const { operators, relative, decibels } = await quantized(modelOf(network(between, last)))
    expect(operators.filter((name) => name === 'QUANTIZE' || name === 'DEQUANTIZE')).toEqual(['QUANTIZE', 'DEQUANTIZE'])
    expect(decibels).toBeGreaterThan(28)
    expect(relative).toBeLessThan(0.1)
  })

  it('the product with a gate that has no such kernel, the gate itself in float', async () => {
    const { operators, decibels } = await quantized(
      modelOf(network('p = GlobalAveragePool(a)\nq = Conv(p, float32[8, 8, 1, 1])\ng = HardSigmoid(q)\nz = Mul(a, g)')),
    )
    expect(operators.filter((name) => name === 'QUANTIZE' || name === 'DEQUANTIZE')).toHaveLength(4)
    expect(decibels).toBeGreaterThan(28)
  })

  it('but for resizing that makes values of its own', async () => {
    const { operators } = await quantized(modelOf(network('z = Resize(a, _, float32[4] {1, 1, 2, 2}) {mode: "linear"}')))
    expect(operators.filter((name) => name === 'QUANTIZE')).toHaveLength(2)
  })
})
