import { expect, it } from 'vitest'
import { quantizeStatic } from '../../../core/passes/quantize-static.ts'
import { smoothQuant } from '../../../core/passes/smooth-quant.ts'
import { modelOf } from '../../support/graph.ts'
import { madeUpData } from '../../support/noise-data.ts'
import { sqnr, workshop } from '../../support/pass-context.ts'
import { normals, seeded } from '../../support/seeds.ts'

const shop = await workshop()
const normal = normals(seeded('smooth'))
const data = await madeUpData(shop, { name: 'x', dims: [8, 64], count: 16 }, () => normal())

/** A norm whose gain makes every eighth channel fifty times as large as the rest, as trained transformers have them. */
function withOutliers(readers: string) {
  const model = modelOf(`(x: float32[batch, 8, 64]) -> (y: float32[batch, 8, 48])
    gain = float32[64] positive
    shift = float32[64]
    n = LayerNormalization(x, gain, shift)
    ${readers}`)
  const gain = model.graph.find('gain')!.constant!.read()
  const values = new Float32Array(gain.buffer, gain.byteOffset, 64)
  for (let i = 0; i < 64; i += 8) values[i] = 50
  return model
}

const plain = withOutliers('y = MatMul(n, float32[64, 48])')
const gated = withOutliers(`g = MatMul(n, float32[64, 96])
    s = Sigmoid(g)
    u = MatMul(n, float32[64, 96])
    m = Mul(s, u)
    y = MatMul(m, float32[96, 48])`)

/** As a last layer that computes one token alone: what is a query reads the first position, the others read all. */
const selecting = withOutliers(`first = Gather(n, int64[1] {0}) {axis: 1}
    q = MatMul(first, float32[64, 48])
    k = MatMul(n, float32[64, 48])
    y = Add(q, k)`)

it.each([
  ['a norm', plain, '1 activation', '1 weight'],
  ['a norm of which one position is read as well', selecting, '1 activation', '2 weights'],
  ['a norm and a gate', gated, '2 activations', '3 weights'],
])('moves factors through %s without changing what is computed', async (_, model, activations, weights) => {
  const { parts, notes } = await shop.run(smoothQuant, model, {}, data)
  const moved = `^Outliers of ${activations} moved into ${weights}; the largest factor of a channel is \\d`
  expect(notes).toEqual([expect.stringMatching(new RegExp(moved))])
  expect(sqnr(await shop.outputs(model, data.evaluation!), await shop.outputs(parts[0]!, data.evaluation!))).toBeGreaterThan(110)
})

it('lets static INT8 see every channel', async () => {
  const reference = await shop.outputs(plain, data.evaluation!)
  const quantized = async (model: typeof plain) => {
    const { parts } = await shop.run(quantizeStatic, model, {}, data)
    return sqnr(reference, await shop.outputs(parts[0]!, data.evaluation!))
  }
  const { parts } = await shop.run(smoothQuant, plain, {}, data)
  expect(await quantized(parts[0]!)).toBeGreaterThan((await quantized(plain)) + 1)
})

it('leaves an activation alone that others read as well', async () => {
  const shared = withOutliers('h = MatMul(n, float32[64, 64])\na = Add(h, n)\ny = MatMul(a, float32[64, 48])')
  const { changed, notes } = await shop.run(smoothQuant, shared, {}, data)
  expect(changed).toBe(false)
  expect(notes).toEqual([expect.stringMatching(/^Nothing moved: no norm or product here feeds products alone/)])
  expect(smoothQuant.pointless?.(shared, smoothQuant.options.parse({}))).toMatch(/no factor can move/)
})

it('leaves an activation alone of which channels are selected', async () => {
  const picked = withOutliers(
    'a = Gather(n, int64[3] {3, 1, 2}) {axis: 2}\nb = MatMul(a, float32[3, 48])\nc = MatMul(n, float32[64, 48])\ny = Add(b, c)',
  )
  expect((await shop.run(smoothQuant, picked, {}, data)).changed).toBe(false)
})

it('says why nothing moved where samples reach no channel', async () => {
  const zeros = await madeUpData(shop, { name: 'x', dims: [8, 64], count: 4 }, () => 0)
  const model = modelOf(`(x: float32[batch, 8, 64]) -> (y: float32[batch, 8, 48])
    m = Mul(x, float32[64] positive)
    y = MatMul(m, float32[64, 48])`)
  const { changed, notes } = await shop.run(smoothQuant, model, {}, zeros)
  expect(changed).toBe(false)
  expect(notes).toEqual([expect.stringMatching(/^Nothing moved: .*only zeros reach them/)])
})

it('without samples says what is missing', async () => {
  await expect(shop.run(smoothQuant, plain)).rejects.toThrow(/needs samples/)
})

it('with a sample that makes an activation no number names the activation', async () => {
  const broken = await madeUpData(shop, { name: 'x', dims: [8, 64], count: 16 }, (i) => (i === 7 * 512 + 3 ? Number.NaN : Math.sin(i)))
  await expect(shop.run(smoothQuant, plain, {}, broken)).rejects.toThrow(/ of 8192 elements of an activation are NaN or infinite/)
})
