import { describe, it } from 'vitest'
import { boundMask } from '../../../../core/rules/attention/bound-mask.ts'
import { checkLeaves, checkRule } from '../../../support/check-rule.ts'

const graph = (bound: string) => `(q: float32[2, 3, 5, 4], k: float32[2, 3, 4, 6], open: bool[5, 6]) -> (y)
m = Where(open, float32 0.0, float32 -inf)
s = MatMul(q, k)
a = Add(s, m)
b = Max(a, ${bound})
y = Softmax(b) {axis: -1}`

describe('bound-mask', () => {
  it('bounds the mask instead of the scores', () =>
    checkRule(boundMask, {
      before: graph('float32 -3.4028234663852886e38'),
      after: `m = Where(open, float32 0.0, float32 -inf)
s = MatMul(q, k)
n = Max(m, float32 -3.4028234663852886e38)
a = Add(s, n)
y = Softmax(a) {axis: -1}`,
    }))

  it('leaves a bound that scores reach', () => checkLeaves(boundMask, graph('float32 -10000.0')))
})
