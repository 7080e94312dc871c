import { join } from 'node:path'
import { expect, it } from 'vitest'
import { writeModel } from '../../../core/onnx/write.ts'
import { testEngine } from '../../support/engine.ts'
import { modelOf } from '../../support/graph.ts'

const engine = await testEngine()

it('puts near-misses of all families into one order, those that would bring most first', async () => {
  const path = join(engine.folder, 'near.onnx')
  const model = modelOf(`(x: float32[1, 4, 6, 6]) -> (y, s, c)
    s = Sigmoid(x)
    m = Mul(x, s)
    c = Conv(m, float32[4, 4, 3, 3]) {pads: [1, 1, 1, 1]}
    d = Conv(m, float32[4, 4, 1, 1])
    y = Add(c, d)`)
  await writeModel(model, path)
  const { model: id } = await engine.open({ path })
  const { nearMisses } = await engine.inspect({ model: id })
  expect(nearMisses).toEqual([
    { rule: 'merge-parallel-convs', reason: 'the result of Conv is also an output of the graph', at: '#2' },
    { rule: 'lift-silu', reason: 'the result of Sigmoid is also an output of the graph', at: '#0' },
  ])
})
