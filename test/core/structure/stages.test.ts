import { existsSync } from 'node:fs'
import { expect, it, test } from 'vitest'
import type { Model } from '../../../core/ir/model.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { canonicalForm } from '../../../core/structure/canonical-form.ts'
import { stagesOf } from '../../../core/structure/stages.ts'
import { modelOf } from '../../support/graph.ts'

const told = (model: Model) =>
  stagesOf(canonicalForm(model)).map(
    ({ size, channels, convolutions }) => `${convolutions.length} at ${size.join('x')}, ${channels} channels`,
  )

it('stages are convolutions in a row whose results have one size', () => {
  const model = modelOf(`opset 18
    (x: float32[n, 3, 16, 16]) -> (y)
    a = Conv(x, float32[8, 3, 3, 3]) {pads: [1, 1, 1, 1]}
    b = Conv(a, float32[4, 8, 1, 1])
    c = Conv(b, float32[16, 4, 3, 3]) {pads: [1, 1, 1, 1], strides: [2, 2]}
    d = Relu(c)
    e = Conv(d, float32[16, 16, 1, 1])
    y = GlobalAveragePool(e)`)
  expect(told(model)).toEqual(['2 at 16x16, 8 channels', '2 at 8x8, 16 channels'])
})

it('stages of open sizes are told apart by their expressions, and not told where nothing is known', () => {
  const body = `a = Conv(x, float32[8, 3, 3, 3]) {pads: [1, 1, 1, 1]}
    b = Conv(a, float32[8, 8, 1, 1])
    y = Conv(b, float32[8, 8, 2, 2]) {strides: [2, 2]}`
  expect(told(modelOf(`opset 18\n(x: float32[n, 3, side, side]) -> (y)\n${body}`)).map((stage) => stage.slice(0, 14))).toEqual([
    '2 at sidexside',
    expect.stringMatching(/^1 at /),
  ])
  expect(told(modelOf(`opset 18\n(x: float32[...]) -> (y)\n${body}`))).toEqual([])
})

const detector = '../shared/real-models/yolox_nano/model.onnx'
test.skipIf(!existsSync(detector))('a detector: backbone, neck up and down, and heads at three sizes', () => {
  expect(told(openModel(detector)).map((stage) => stage.split(',')[0])).toEqual([
    ...['1 at 208x208', '8 at 104x104', '14 at 52x52', '14 at 26x26', '11 at 13x13'],
    ...['7 at 26x26', '6 at 52x52', '8 at 26x26', '8 at 13x13'],
    ...['12 at 52x52', '12 at 26x26', '12 at 13x13'],
  ])
})
