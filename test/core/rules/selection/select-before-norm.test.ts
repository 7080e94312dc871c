import { describe, it } from 'vitest'
import { selectBeforeNorm } from '../../../../core/rules/selection/select-before-norm.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

const before = `(x: float32[2, length, 4]) -> (y)
m = MatMul(x, float32[4, 8])
n = LayerNormalization(m, float32[8], float32[8]) {axis: -1}
y = Gather(n, int64[] {0}) {axis: 1}`

describe('select-before-norm', () => {
  it('normalizes only what is read', () =>
    checkRule(selectBeforeNorm, {
      before,
      after: `m = MatMul(x, float32[4, 8])
p = Gather(m, int64[1] {0}) {axis: 1}
n = LayerNormalization(p, float32[8], float32[8]) {axis: -1}
y = Squeeze(n, int64[1] {1})`,
    }))

  it('does so before the canonical operator', () =>
    checkRule(selectBeforeNorm, {
      before: before.replace(/n = .*\n/, 'n = lathe.Norm(m, float32[8]) {kind: "rms", axis: -1, epsilon: 0.001}\n'),
      after: `m = MatMul(x, float32[4, 8])
p = Gather(m, int64[1] {0}) {axis: 1}
n = lathe.Norm(p, float32[8]) {kind: "rms", axis: -1, epsilon: 0.001}
y = Squeeze(n, int64[1] {1})`,
    }))

  it('leaves a normalization over the axis', () =>
    checkRejects(
      selectBeforeNorm,
      before.replaceAll('length', '5').replace('float32[8], float32[8]) {axis: -1}', 'float32[5, 8]) {axis: 1}'),
      'the normalization is over this axis',
    ))
})
