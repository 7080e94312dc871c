import { describe, expect, it } from 'vitest'
import type { Machine } from '../../../core/api/measurement.ts'
import type { Target } from '../../../core/api/pipeline.ts'
import { openData } from '../../../core/data/open.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { catalogue } from '../../../core/passes/catalogue.ts'
import { planOf } from '../../../core/pipeline/plan.ts'
import { recommendPipeline } from '../../../core/pipeline/recommend.ts'
import { modelOf } from '../../support/graph.ts'
import { workshop } from '../../support/pass-context.ts'
import { sample } from '../../support/run-cli.ts'

const { store } = await workshop()
const machine = { int8DotProduct: false } as Machine

async function recommended(name: string, target: Target, withData: boolean) {
  const model = openModel(sample(name, 'model.onnx'))
  const data = withData ? await openData({ manifest: sample(name, 'dataset.json'), graph: model.graph, store }) : null
  const recommendation = recommendPipeline({ model, target, data, machine, passes: catalogue })
  // What is recommended can run, and is meant.
  expect(planOf({ document: recommendation.pipeline, passes: catalogue }).warnings).toEqual([])
  return { passes: recommendation.pipeline.stages.map(({ pass }) => pass), reasons: recommendation.reasons }
}

describe('a recommended pipeline', () => {
  it('quantizes convolutions of a CPU model only with calibration data', async () => {
    const withData = await recommended('digits-cnn', 'ort', true)
    expect(withData.passes).toEqual(['clean-up', 'fuse', 'quantize-static'])
    expect(withData.reasons.at(-1)!.because).toMatch(/MB of the weights are in convolutions.*pair-safe/)
    const without = await recommended('digits-cnn', 'ort', false)
    expect(without.passes).toEqual(['clean-up', 'fuse'])
    expect(without.reasons.at(-1)).toMatchObject({ stage: 'source', because: expect.stringContaining('no evaluation samples') })
  })

  it('quantizes the products of a transformer as they run', async () => {
    expect((await recommended('text-bert', 'ort', false)).passes).toEqual(['clean-up', 'fuse', 'quantize-dynamic'])
  })

  it('follows the target', async () => {
    expect((await recommended('text-bert', 'onnx', true)).passes).toEqual(['clean-up', 'fuse', 'convert-float16'])
    expect((await recommended('text-bert', 'tensorrt', false)).passes.at(-1)).toBe('convert-float16')
    expect((await recommended('digits-cnn', 'tensorrt', true)).passes.at(-1)).toBe('quantize-static')
    expect((await recommended('digits-cnn', 'tflite', true)).passes.at(-1)).toBe('quantize-static')
  })

  it('does not quantize twice', () => {
    const model = modelOf(
      '(x: float32[2, 4]) -> (y: int32[2, 4])\n  w = int8[4, 4]\n  q, s, z = DynamicQuantizeLinear(x)\n  y = MatMulInteger(q, w, z)',
    )
    const { pipeline } = recommendPipeline({ model, target: 'ort', data: null, machine, passes: catalogue })
    expect(pipeline.stages.map(({ pass }) => pass)).toEqual(['clean-up', 'fuse'])
  })

  it('gives every stage a reason', async () => {
    for (const target of ['ort', 'onnx', 'tensorrt', 'tflite'] as const) {
      const { passes, reasons } = await recommended('digits-cnn', target, true)
      expect(reasons).toHaveLength(passes.length)
    }
  })
})
