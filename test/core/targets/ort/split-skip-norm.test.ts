import { describe, expect, it } from 'vitest'
import type { Model } from '../../../../core/ir/model.ts'
import { fuse } from '../../../../core/passes/fuse.ts'
import { splitSkipNorm } from '../../../../core/targets/ort/split-skip-norm.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'
import { modelOf } from '../../../support/graph.ts'
import { workshop } from '../../../support/pass-context.ts'

const border = '(x: float32[2, 5, 8], z: float32[2, 5, 8])'
const { run, kernels } = await workshop()

describe('split-skip-norm', () => {
  it('takes bias and sum out of a layer normalization', () =>
    checkRule(splitSkipNorm, {
      before: `${border} -> (y, r)
y, _, _, s = com.microsoft.SkipLayerNormalization(x, z, float32[8], float32[8], float32[8]) {epsilon: 0.001}
r = Relu(s)`,
      after: `s = Sum(x, float32[8], z)
y = LayerNormalization(s, float32[8], float32[8]) {axis: -1, epsilon: 0.001}
r = Relu(s)`,
    }))

  it('takes them out of an RMS normalization', () =>
    checkRule(splitSkipNorm, {
      before: `${border} -> (y)
y = com.microsoft.SkipSimplifiedLayerNormalization(x, z, float32[8]) {epsilon: 0.001}`,
      after: `s = Sum(x, z)
y = SimplifiedLayerNormalization(s, float32[8]) {axis: -1, epsilon: 0.001, stash_type: 1}`,
    }))

  it('leaves one in half floats', () =>
    checkRejects(
      splitSkipNorm,
      `(x: float16[2, 5, 8], z: float16[2, 5, 8]) -> (y)
y = com.microsoft.SkipSimplifiedLayerNormalization(x, z, float16[8])`,
      'it is not in float32',
    ))

  it('runs where residual sums are kept apart, and the runtime leaves the parts alone', async () => {
    const model = modelOf(`${border} -> (y)\ny = com.microsoft.SkipLayerNormalization(x, z, float32[8], float32[8])`)
    const apart = (await run(fuse, model, { residualSums: 'apart' })).parts[0] as Model
    expect(await kernels(apart)).toEqual({ Sum: 1, LayerNormalization: 1 })
    expect((await run(fuse, model)).changed).toBe(false)
  })
})
