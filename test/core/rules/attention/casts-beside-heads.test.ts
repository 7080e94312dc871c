import { describe, it } from 'vitest'
import { castsBesideHeads } from '../../../../core/rules/attention/casts-beside-heads.ts'
import { checkLeaves, checkRule } from '../../../support/check-rule.ts'

describe('casts-beside-heads', () => {
  it('casts back before the views of a projection', () =>
    checkRule(castsBesideHeads, {
      before: `(x: float32[2, 5, 8]) -> (y)
h = Cast(x) {to: 10}
r = Reshape(h, int64[4] {0, 0, 2, 4})
t = Transpose(r) {perm: [0, 2, 1, 3]}
y = Cast(t) {to: 1}`,
      after: `h = Cast(x) {to: 10}
b = Cast(h) {to: 1}
r = Reshape(b, int64[4] {0, 0, 2, 4})
y = Transpose(r) {perm: [0, 2, 1, 3]}`,
    }))

  it('casts a context once it is turned', () =>
    checkRule(castsBesideHeads, {
      before: `(p: float32[2, 2, 5, 5], v: float32[2, 2, 5, 4]) -> (y)
c = MatMul(p, v)
h = Cast(c) {to: 10}
y = Transpose(h) {perm: [0, 2, 1, 3]}`,
      after: `c = MatMul(p, v)
t = Transpose(c) {perm: [0, 2, 1, 3]}
y = Cast(t) {to: 10}`,
    }))

  it('leaves a single cast where it is', () =>
    checkLeaves(
      castsBesideHeads,
      `(x: float16[2, 5, 8]) -> (y)
r = Reshape(x, int64[4] {0, 0, 2, 4})
y = Cast(r) {to: 1}`,
    ))
})
