import { describe, it } from 'vitest'
import { meanToGlobalPool } from '../../../../core/rules/convolution/mean-to-global-pool.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('mean-to-global-pool', () => {
  it('names the pooling, axes in any order', () =>
    checkRule(meanToGlobalPool, {
      before: `(x: float32[batch, 4, 5, 6]) -> (y)
m = ReduceMean(x, int64[2] {-1, 2}) {keepdims: 1}
y = Flatten(m)`,
      after: `m = GlobalAveragePool(x)
y = Flatten(m)`,
    }))

  it('leaves the axes out where they were left out', () =>
    checkRule(meanToGlobalPool, {
      opsets: 'opset 13',
      before: `(x: float32[batch, 4, 5, 6]) -> (y)
m = ReduceMean(x) {axes: [2, 3], keepdims: 0}
y = MatMul(m, float32[4, 3])`,
      after: `p = GlobalAveragePool(x)
m = Flatten(p)
y = MatMul(m, float32[4, 3])`,
    }))

  it('leaves the mean of a normalization', () =>
    checkRejects(
      meanToGlobalPool,
      `(x: float32[2, 4, 5, 6]) -> (y)
m = ReduceMean(x, int64[2] {2, 3})
y = Sub(x, m)`,
      'Sub takes it',
    ))

  it('leaves what no pooling takes', () =>
    checkRejects(
      meanToGlobalPool,
      '(x: float64[2, 4, 5, 6]) -> (y)\nm = ReduceMean(x, int64[2] {2, 3})\ny = Flatten(m)',
      'floats of 32 and 16 bits',
    ))

  it('leaves other axes, and other ranks', () => {
    checkRejects(
      meanToGlobalPool,
      '(x: float32[2, 4, 5, 6]) -> (y)\nm = ReduceMean(x, int64[1] {3})\ny = Flatten(m)',
      'not over height and width',
    )
    checkRejects(meanToGlobalPool, '(x: float32[2, 4, 5]) -> (y)\nm = ReduceMean(x, int64[1] {2})\ny = Flatten(m)', 'four axes')
  })
})
