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
  expect(changes.find(({ pass }) => pass === 'clean-up')).toEqual({ pass: 'clean-up', nodes: 2, why: null })
  expect(engine.processes).toEqual([])
})
