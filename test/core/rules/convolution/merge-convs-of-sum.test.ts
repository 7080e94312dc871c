import { describe, it } from 'vitest'
import { mergeConvsOfSum } from '../../../../core/rules/convolution/merge-convs-of-sum.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('merge-convs-of-sum', () => {
  it('merges all that lie inside of one of them', () =>
    checkRule(mergeConvsOfSum, {
      before: `(x: float32[2, 3, 7, 7], z: float32[2, 4, 4, 4]) -> (y)
a = Conv(x, float32[4, 3, 1, 3]) {pads: [0, 1, 0, 1], strides: [2, 2]}
b = Conv(x, float32[4, 3, 3, 3], float32[4]) {pads: [1, 1, 1, 1], strides: [2, 2]}
c = Conv(x, float32[4, 3, 3, 1], float32[4]) {pads: [1, 0, 1, 0], strides: [2, 2]}
y = Sum(a, z, b, c)`,
      after: `m = Conv(x, float32[4, 3, 3, 3], float32[4]) {pads: [1, 1, 1, 1], strides: [2, 2]}
y = Add(m, z)`,
    }))

  it('leaves convolutions of different values', () =>
    checkRejects(
      mergeConvsOfSum,
      `(x: float32[2, 3, 7, 7], z: float32[2, 3, 7, 7]) -> (y)
a = Conv(x, float32[4, 3, 1, 1])
b = Conv(z, float32[4, 3, 1, 1])
y = Sum(a, b)`,
      'no two terms are convolutions of the same value',
    ))

  it('leaves kernels of which none lies inside of the other', () =>
    checkRejects(
      mergeConvsOfSum,
      `(x: float32[2, 3, 7, 7]) -> (y)
a = Conv(x, float32[4, 3, 1, 3]) {pads: [0, 1, 0, 1]}
b = Conv(x, float32[4, 3, 3, 1]) {pads: [1, 0, 1, 0]}
y = Sum(a, b)`,
      'no kernel lies inside of the other',
    ))

  it('leaves one that others read', () =>
    checkRejects(
      mergeConvsOfSum,
      `(x: float32[2, 3, 7, 7]) -> (y, a)
a = Conv(x, float32[4, 3, 1, 1])
b = Conv(x, float32[4, 3, 1, 1])
y = Sum(a, b)`,
      'no two terms are convolutions of the same value',
    ))

  it('leaves convolutions outside of the graph of the sum', () =>
    checkRejects(
      mergeConvsOfSum,
      `(x: float32[2, 3, 7, 7], z: float32[2, 4, 7, 7], c: bool[]) -> (y)
a = Conv(x, float32[4, 3, 1, 1])
b = Conv(x, float32[4, 3, 1, 1])
y = If(c) {then_branch: { () -> (t)
 t = Sum(a, b)
}, else_branch: { () -> (e)
 e = Identity(z)
}}`,
      'no two terms are convolutions of the same value',
    ))
})
