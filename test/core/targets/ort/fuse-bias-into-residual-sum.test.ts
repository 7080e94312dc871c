import { describe, expect, it } from 'vitest'
import type { Model } from '../../../../core/ir/model.ts'
import { fuse } from '../../../../core/passes/fuse.ts'
import { fuseBiasIntoResidualSum } from '../../../../core/targets/ort/fuse-bias-into-residual-sum.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'
import { modelOf } from '../../../support/graph.ts'
import { workshop } from '../../../support/pass-context.ts'

const before = `(x: float32[2, 5, 4], z: float32[2, 5, 8]) -> (y)
m = MatMul(x, float32[4, 8])
b = Add(m, float32[8])
y = Add(z, b)`
const { run, kernels } = await workshop()

describe('fuse-bias-into-residual-sum', () => {
  it('adds three at once', () =>
    checkRule(fuseBiasIntoResidualSum, {
      before,
      after: `m = MatMul(x, float32[4, 8])
y = Sum(m, float32[8], z)`,
    }))

  it('does so in a Sum of two', () =>
    checkRule(fuseBiasIntoResidualSum, {
      before: before.replace('Add(z, b)', 'Sum(b, z)'),
      after: `m = MatMul(x, float32[4, 8])
y = Sum(m, float32[8], z)`,
    }))

  it('leaves a second bias, and what others read', async () => {
    await checkRejects(fuseBiasIntoResidualSum, before.replace('z: float32[2, 5, 8]', 'z: float32[8]'), 'what is added has another shape')
    await checkRejects(fuseBiasIntoResidualSum, before.replace('-> (y)', '-> (y, b)'), 'is also an output of the graph')
  })

  it('stays as it is in the runtime, with the normalization behind it', async () => {
    const model = modelOf(`opset 17\n${before.replace('y = Add', 's = Add')}\ny = LayerNormalization(s, float32[8], float32[8]) {axis: -1}`)
    const apart = (await run(fuse, model, { residualSums: 'apart' })).parts[0] as Model
    expect(await kernels(apart)).toEqual({ MatMul: 1, Sum: 1, LayerNormalization: 1 })
  })
})
