import { join } from 'node:path'
import { expect, it } from 'vitest'
import { writeModel } from '../../../core/onnx/write.ts'
import { testEngine } from '../../support/engine.ts'
import { modelOf } from '../../support/graph.ts'

const engine = await testEngine()

it('counts what a pass would compute ahead, without running anything', async () => {
  const path = join(engine.folder, 'constants.onnx')
  const model = modelOf('opset 17\n(x: float32[2, 8]) -> (y)\ns = Softmax(float32[8])\nt = Exp(s)\ny = Add(x, t)')
  await writeModel(model, path)
  const { model: id } = await engine.open({ path })
  const changes = await engine.wouldChange({ model: id })
  expect(changes.find(({ pass }) => pass === 'clean-up')).toEqual({ pass: 'clean-up', nodes: 2, atMost: null, why: null })
  expect(engine.processes).toEqual([])
})

it('says among how many nodes a pass would choose that needs samples to know', async () => {
  const path = join(engine.folder, 'products.onnx')
  const model = modelOf(`opset 17
    (x: float32[2, 64], x2: float32[64, 3]) -> (y)
    h = MatMul(x, float32[64, 64])
    r = Relu(h)
    s = MatMul(r, float32[64, 64])
    t = MatMul(s, x2)
    y = Erf(t)`)
  await writeModel(model, path)
  const { model: id } = await engine.open({ path })
  const changes = await engine.wouldChange({ model: id })
  const told = Object.fromEntries(changes.map(({ pass, nodes, atMost }) => [pass, nodes ?? `up to ${atMost}`]))
  expect(told).toMatchObject({
    'quantize-static': 'up to 2',
    'quantize-dynamic': 'up to 2',
    'quantize-weights': 'up to 2',
    'mixed-precision': 'up to 2',
    'convert-float16': 'up to 5',
    'approximate-gelu': 0,
  })
  expect(engine.processes).toEqual([])
})

it('says among how many nodes a pass would choose by time, whether or not the operator set is raised for it', async () => {
  const opset17 = modelOf(`opset 17
    (x: float32[batch, length, 32], z: float32[batch, length, 32]) -> (y)
    a = Add(x, z)
    n = LayerNormalization(a, float32[32], float32[32]) {axis: -1}
    y = MatMul(n, float32[32, 32])`)
  const opset13 = modelOf(`opset 13
    (x: float32[batch, length, 32], z: float32[batch, length, 32]) -> (y)
    a = Add(x, z)
    m = ReduceMean(a) {axes: [-1]}
    d = Sub(a, m)
    q = Pow(d, float32 2)
    v = ReduceMean(q) {axes: [-1]}
    e = Add(v, float32 0.00001)
    s = Sqrt(e)
    r = Div(d, s)
    t = Mul(r, float32[32])
    n = Add(t, float32[32])
    y = MatMul(n, float32[32, 32])`)
  const asked = { fuse: { choose: 'measured' } }
  const counts = await Promise.all(
    [opset17, opset13].map(async (model, i) => {
      const path = join(engine.folder, `residual-${i}.onnx`)
      await writeModel(model, path)
      const { model: id } = await engine.open({ path })
      const of = async (options: typeof asked | undefined) =>
        (await engine.wouldChange({ model: id, ...(options && { options }) })).find(({ pass }) => pass === 'fuse')
      return [(await of(undefined))?.nodes, await of(asked)]
    }),
  )
  for (const [nodes, timed] of counts) {
    expect(nodes).toBeGreaterThan(0)
    expect(timed).toEqual({ pass: 'fuse', nodes: null, atMost: nodes, why: null })
  }
  expect(engine.processes).toEqual([])
})
