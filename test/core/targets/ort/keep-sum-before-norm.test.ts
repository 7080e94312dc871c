import { describe, expect, it } from 'vitest'
import type { Model } from '../../../../core/ir/model.ts'
import { fuse } from '../../../../core/passes/fuse.ts'
import { keepSumBeforeNorm } from '../../../../core/targets/ort/keep-sum-before-norm.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'
import { modelOf } from '../../../support/graph.ts'
import { workshop } from '../../../support/pass-context.ts'

const before = `(x: float32[2, 5, 8], z: float32[2, 5, 8]) -> (y)
a = Add(x, z)
y = LayerNormalization(a, float32[8], float32[8]) {axis: -1}`
const { run, kernels } = await workshop()

describe('keep-sum-before-norm', () => {
  it('writes the sum as Sum', () =>
    checkRule(keepSumBeforeNorm, {
      before,
      after: `a = Sum(x, z)
y = LayerNormalization(a, float32[8], float32[8]) {axis: -1}`,
    }))

  it('does so before an RMS normalization', () =>
    checkRule(keepSumBeforeNorm, {
      before: `(x: float32[2, 5, 8], z: float32[2, 5, 8]) -> (y)
a = Add(x, z)
y = SimplifiedLayerNormalization(a, float32[8]) {axis: -1}`,
      after: `a = Sum(x, z)
y = SimplifiedLayerNormalization(a, float32[8]) {axis: -1}`,
    }))

  it('leaves a sum that others read, as the runtime does', () =>
    checkRejects(
      keepSumBeforeNorm,
      before.replace('-> (y)', '-> (y, r)').replace('a = Add(x, z)', 'a = Add(x, z)\nr = Relu(a)'),
      'the result of Add is also read by a Relu',
    ))

  it('leaves a sum that broadcasts', () =>
    checkRejects(keepSumBeforeNorm, before.replace('z: float32[2, 5, 8]', 'z: float32[8]'), 'what is added has another shape'))

  it('keeps apart in the runtime what it would join as it loads the model', async () => {
    const model = modelOf(`opset 17\n${before}`)
    expect(await kernels(model)).toEqual({ 'com.microsoft.SkipLayerNormalization': 1 })
    const apart = (await run(fuse, model, { residualSums: 'apart' })).parts[0] as Model
    expect(await kernels(apart)).toEqual({ Sum: 1, LayerNormalization: 1 })
    const fused = (await run(fuse, model)).parts[0] as Model
    expect(await kernels(fused)).toEqual({ 'com.microsoft.SkipLayerNormalization': 1 })
  })
})
