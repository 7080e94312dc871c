import { expect, it } from 'vitest'
import { awqScale } from '../../../core/passes/awq-scale.ts'
import { quantizeWeights } from '../../../core/passes/quantize-weights.ts'
import { modelOf } from '../../support/graph.ts'
import { madeUpData } from '../../support/noise-data.ts'
import { sqnr, workshop } from '../../support/pass-context.ts'
import { normals, seeded } from '../../support/seeds.ts'

const shop = await workshop()
const normal = normals(seeded('salient'))
const data = await madeUpData(shop, { name: 'x', dims: [8, 64], count: 16 }, () => normal())

const model = modelOf(`(x: float32[batch, 8, 64]) -> (y: float32[batch, 8, 48])
  gain = float32[64] positive
  m = Mul(x, gain)
  h = MatMul(m, float32[64, 64])
  r = Relu(h)
  y = MatMul(r, float32[64, 48])`)
const gain = model.graph.find('gain')!.constant!.read()
for (let i = 0; i < 64; i += 16) new Float32Array(gain.buffer, gain.byteOffset, 64)[i] = 30

it('scales without changing what is computed', async () => {
  const { parts, changed } = await shop.run(awqScale, model, {}, data)
  expect(changed).toBe(true)
  expect(sqnr(await shop.outputs(model, data.evaluation!), await shop.outputs(parts[0]!, data.evaluation!))).toBeGreaterThan(110)
})

it.each([4, 2])('lets weights of %i bits keep more of the results', async (bits) => {
  const reference = await shop.outputs(model, data.evaluation!)
  const rounded = async (version: typeof model) => {
    const { parts } = await shop.run(quantizeWeights, version, { bits, output: bits, method: 'rtn', smallest: 0, accuracyLevel: 0 }, data)
    return sqnr(reference, await shop.outputs(parts[0]!, data.evaluation!))
  }
  const { parts } = await shop.run(awqScale, model, { bits }, data)
  expect(await rounded(parts[0]!)).toBeGreaterThan((await rounded(model)) + 1)
})

it('says that scaling betters nothing where all channels are alike', async () => {
  const ones = await madeUpData(shop, { name: 'x', dims: [8, 64], count: 4 }, () => 1)
  const even = modelOf(`(x: float32[batch, 8, 64]) -> (y: float32[batch, 8, 48])
    m = Mul(x, float32[64] ones)
    y = MatMul(m, float32[64, 48])`)
  const { changed, notes } = await shop.run(awqScale, even, {}, ones)
  expect(changed).toBe(false)
  expect(notes).toEqual([
    'Nothing moved: for none of 1 activation did scaled weights round with less error than unscaled ones, at 4 bits in blocks of 32.',
  ])
})

it('says that there is nothing to scale', async () => {
  const { changed, notes } = await shop.run(
    awqScale,
    modelOf('(x: float32[n, 64]) -> (y: float32[n, 48])\ny = MatMul(x, float32[64, 48])'),
    {},
    data,
  )
  expect(changed).toBe(false)
  expect(notes).toEqual([expect.stringMatching(/^Nothing moved: no norm or product/)])
})

it('with a sample that makes an activation no number names the activation', async () => {
  const broken = await madeUpData(shop, { name: 'x', dims: [8, 64], count: 16 }, (i) => (i === 7 * 512 + 3 ? Number.NaN : Math.sin(i)))
  await expect(shop.run(awqScale, model, {}, broken)).rejects.toThrow(/ of 8192 elements of an activation is NaN or infinite/)
})
