import { describe, it } from 'vitest'
import { maskedProductToWhere } from '../../../../core/rules/attention/masked-product-to-where.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

const graph = (table: string) => `(x: float32[2, 2, 3, 3]) -> (y)
m = Slice(float32[1, 1, 4, 4] {${table}}, int64[2] {0, 0}, int64[2] {3, 3}, int64[2] {2, 3})
p = Mul(x, m)
n = Sub(float32 1.0, m)
f = Mul(n, float32 10000.0)
y = Sub(p, f)`

describe('masked-product-to-where', () => {
  it('chooses', () =>
    checkRule(maskedProductToWhere, {
      before: graph('1,0,0,0, 1,1,0,0, 1,1,1,0, 1,1,1,1'),
      after: `m = Slice(float32[1, 1, 4, 4] {1,0,0,0, 1,1,0,0, 1,1,1,0, 1,1,1,1}, int64[2] {0, 0}, int64[2] {3, 3}, int64[2] {2, 3})
c = Cast(m) {to: 9}
y = Where(c, x, float32 -10000.0)`,
    }))

  it('leaves masks of other numbers', () =>
    checkRejects(maskedProductToWhere, graph('1,0,0,0, 1,2,0,0, 1,1,1,0, 1,1,1,1'), 'not known to hold zeros and ones alone'))
})
