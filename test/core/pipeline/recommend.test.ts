import { describe, expect, it } from 'vitest'
import type { Machine } from '../../../core/api/measurement.ts'
import { type Target, targets } from '../../../core/api/pipeline.ts'
import type { Choices, Decision } from '../../../core/api/recommendation.ts'
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

async function openedSample(name: string) {
  const model = openModel(sample(name, 'model.onnx'))
  return { model, data: await openData({ manifest: sample(name, 'dataset.json'), graph: model.graph, store }) }
}
const samples = { 'digits-cnn': await openedSample('digits-cnn'), 'text-bert': await openedSample('text-bert') }

async function recommended(name: keyof typeof samples, target: Target, withData: boolean, choices: Choices = {}) {
  const { model } = samples[name]
  const data = withData ? samples[name].data : null
  const { pipeline, reasons, decisions } = recommendPipeline({ model, target, data, machine, passes: catalogue, choices })
  // What is recommended can run, and is meant.
  expect(planOf({ document: pipeline, passes: catalogue }).warnings).toEqual([])
  return { passes: pipeline.stages.map(({ pass }) => pass), target: pipeline.target, stages: pipeline.stages, reasons, decisions }
}

const answersOf = (decisions: readonly Decision[]) => Object.fromEntries(decisions.map(({ id, chosen }) => [id, chosen]))

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

  it('says how much a small model has where, and nothing of joining where there is nothing to join', () => {
    const model = modelOf('(x: float32[2, 40]) -> (y)\n  y = MatMul(x, float32[40, 30])')
    const fusions = { all: 0, withoutSums: 0, hasSums: false, sameOpset: 0 }
    const { decisions } = recommendPipeline({ model, target: 'ort', data: null, machine, passes: catalogue, fusions })
    const because = (id: string) => decisions.find((one) => one.id === id)!.because
    expect(because('quantization')).toBe('Its weights are floats: 4.80 kB in matrix products.')
    expect(because('strategy')).toContain('4.80 kB of the weights are in matrix products')
    expect(because('fusion')).toContain('Nothing here can be joined')
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

describe('the way to a pipeline', () => {
  it('answers every question with its reason, and shows what else could be answered', async () => {
    const { decisions } = await recommended('digits-cnn', 'ort', true)
    expect(answersOf(decisions)).toEqual({
      ...{ target: 'ort', fusion: 'without-sums', loss: 'some' },
      ...{ quantization: 'yes', data: 'calibration', strategy: 'int8-convolutions' },
    })
    for (const { because, answers, chosen, wished, refused } of decisions) {
      expect(because).toMatch(/\.$/)
      expect(answers.length).toBeGreaterThan(1)
      expect(answers.find(({ id }) => id === chosen)).toMatchObject({ possible: true, because })
      expect({ wished, refused }).toEqual({ wished: false, refused: null })
    }
  })

  it('follows a wish, and what comes after follows it', async () => {
    const ruledOut = await recommended('digits-cnn', 'ort', true, { loss: 'none' })
    expect(answersOf(ruledOut.decisions)).toEqual({ target: 'ort', fusion: 'without-sums', loss: 'none', quantization: 'no' })
    expect(ruledOut.passes).toEqual(['clean-up', 'fuse'])
    const phone = await recommended('digits-cnn', 'ort', true, { target: 'tflite' })
    expect(phone.target).toBe('tflite')
    expect(phone.stages.at(-1)).toMatchObject({ pass: 'quantize-static', options: { activations: 'int8' } })
    expect((await recommended('digits-cnn', 'ort', true, { loss: 'little' })).passes.at(-1)).toBe('mixed-precision')
    expect((await recommended('text-bert', 'ort', true, { data: 'calibration' })).passes.at(-1)).toBe('quantize-static')
    expect((await recommended('text-bert', 'onnx', true, { loss: 'much' })).stages.at(-1)!.options).toEqual({ bits: 4, form: 'qdq' })
    expect((await recommended('text-bert', 'ort', true, { fusion: 'measured' })).stages[1]!.options).toEqual({ choose: 'measured' })
    expect((await recommended('text-bert', 'ort', true, { fusion: 'none' })).passes).toEqual(['clean-up', 'quantize-dynamic'])
  })

  it('says of a wish that cannot be why, and goes on with what can', async () => {
    const { decisions, passes } = await recommended('text-bert', 'ort', false, { data: 'calibration', strategy: 'int8-static' })
    expect(passes.at(-1)).toBe('quantize-dynamic')
    expect(decisions.find(({ id }) => id === 'data')).toMatchObject({
      chosen: 'none',
      refused: { answer: 'Yes, calibration samples', because: expect.stringContaining('dataset.json') },
    })
    expect(decisions.find(({ id }) => id === 'strategy')!.refused!.because).toBe('It needs calibration samples.')
  })

  it('refuses what is no answer', async () => {
    await expect(recommended('text-bert', 'ort', false, { loss: 'litle' })).rejects.toThrow(
      expect.objectContaining({ problem: expect.objectContaining({ kind: 'usage', mend: 'Did you mean little?' }) }),
    )
  })

  it('leads to a pipeline that can run, whatever is answered', async () => {
    for (const name of ['digits-cnn', 'text-bert'] as const)
      for (const target of targets) {
        const { decisions } = await recommended(name, target, true, { loss: 'much', data: 'calibration' })
        for (const { id, answers } of decisions)
          for (const answer of answers.filter(({ possible }) => possible)) {
            const { decisions: next } = await recommended(name, target, true, { loss: 'much', data: 'calibration', [id]: answer.id })
            expect(answersOf(next)[id]).toBe(answer.id)
          }
      }
  })
})
