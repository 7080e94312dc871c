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
