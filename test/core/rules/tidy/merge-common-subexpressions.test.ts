import { describe, it } from 'vitest'
import { mergeCommonSubexpressions } from '../../../../core/rules/tidy/merge-common-subexpressions.ts'
import { checkLeaves, checkRule } from '../../../support/check-rule.ts'

describe('merge-common-subexpressions', () => {
  it('computes once', () =>
    checkRule(mergeCommonSubexpressions, {
      before: `(x: float32[2, 3]) -> (y)
a = Transpose(x) {perm: [1, 0]}
b = Transpose(x) {perm: [1, 0]}
p = Relu(a)
q = Relu(b)
y = Add(p, q)`,
      after: `%1 = Transpose(x) {perm: [1, 0]}
%2 = Relu(%1)
y = Add(%2, %2)`,
    }))

  it('keeps what attributes tell apart', () =>
    checkLeaves(
      mergeCommonSubexpressions,
      `(x: float32[2, 2]) -> (y)
a = Softmax(x) {axis: 0}
b = Softmax(x) {axis: 1}
y = Add(a, b)`,
    ))

  it('keeps random operators apart', () =>
    checkLeaves(
      mergeCommonSubexpressions,
      `(x: float32[2, 2]) -> (y)
a = RandomNormalLike(x)
b = RandomNormalLike(x)
y = Add(a, b)`,
    ))

  it('keeps two outputs of the model apart', () =>
    checkLeaves(
      mergeCommonSubexpressions,
      `(x: float32[2, 2]) -> (y, z)
y = Relu(x)
z = Relu(x)`,
    ))
})
