import { expect, it } from 'vitest'
import { equalizeLayers } from '../../../core/passes/equalize-layers.ts'
import { quantizeStatic } from '../../../core/passes/quantize-static.ts'
import { modelOf } from '../../support/graph.ts'
import { madeUpData } from '../../support/noise-data.ts'
import { sqnr, workshop } from '../../support/pass-context.ts'
import { normals, seeded } from '../../support/seeds.ts'

const shop = await workshop()
const normal = normals(seeded('equal'))
const data = await madeUpData(shop, { name: 'x', dims: [8, 8, 8], count: 16 }, () => normal())

/** A chain as in MobileNet: pointwise, depthwise, pointwise; channels of the first differ a hundredfold. */
const model = modelOf(`(x: float32[batch, 8, 8, 8]) -> (y: float32[batch, 8, 8, 8])
  w = float32[16, 8, 1, 1]
  a = Conv(x, w, float32[16])
  b = Relu(a)
  c = Conv(b, float32[16, 1, 3, 3], float32[16]) {group: 16, pads: [1, 1, 1, 1]}
  d = Relu(c)
  y = Conv(d, float32[8, 16, 1, 1])`)
const weight = model.graph.find('w')!.constant!.read()
const values = new Float32Array(weight.buffer, weight.byteOffset, 128)
for (let n = 0; n < 16; n++) for (let k = 0; k < 8; k++) values[n * 8 + k] = values[n * 8 + k]! * 10 ** (n / 8)

it('evens out channels without changing what is computed', async () => {
  const { parts, notes } = await shop.run(equalizeLayers, model, {})
  expect(notes).toEqual([
    expect.stringMatching(/^2 pairs of convolutions were equalized; the largest factor of a channel in the first round is \d/),
  ])
  expect(sqnr(await shop.outputs(model, data.evaluation!), await shop.outputs(parts[0]!, data.evaluation!))).toBeGreaterThan(110)
})

it('lets one scale a weight serve all its channels', async () => {
  const reference = await shop.outputs(model, data.evaluation!)
  const quantized = async (version: typeof model) => {
    const { parts } = await shop.run(quantizeStatic, version, { perChannel: false, weights: '7-bit' }, data)
    return sqnr(reference, await shop.outputs(parts[0]!, data.evaluation!))
  }
  const { parts } = await shop.run(equalizeLayers, model, {})
  expect(await quantized(parts[0]!)).toBeGreaterThan((await quantized(model)) + 1)
})

it('stops at what factors cannot pass', async () => {
  const clipped = modelOf(`(x: float32[batch, 8, 8, 8]) -> (y: float32[batch, 8, 8, 8])
    a = Conv(x, float32[16, 8, 1, 1])
    b = Clip(a, float32 0.0, float32 6.0)
    y = Conv(b, float32[8, 16, 1, 1])`)
  const { changed, notes } = await shop.run(equalizeLayers, clipped)
  expect(changed).toBe(false)
  expect(notes).toEqual([expect.stringMatching(/^Nothing moved: no two convolutions follow each other/)])
  expect(equalizeLayers.pointless?.(clipped, equalizeLayers.options.parse({}))).toMatch(/only a Relu between/)
})
