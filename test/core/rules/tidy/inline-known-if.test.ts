import { describe, it } from 'vitest'
import { inlineKnownIf } from '../../../../core/rules/tidy/inline-known-if.ts'
import { checkRule } from '../../../support/check-rule.ts'

describe('inline-known-if', () => {
  it('takes the branch, with what it reads from outside', () =>
    checkRule(inlineKnownIf, {
      before: `(x: float32[2, 3]) -> (y)
h = Relu(x)
c = bool 1
r = If(c) {then_branch: { () -> (t)
 k = float32[3]
 t = Add(h, k) }, else_branch: { () -> (e)
 e = Neg(h) }}
y = Abs(r)`,
      after: `%1 = Relu(x)
%2 = Add(%1, float32[3])
y = Abs(%2)`,
    }))

  it('copies subgraphs inside of the branch', () =>
    checkRule(inlineKnownIf, {
      before: `(x: float32[2, 3], d: bool[]) -> (y)
c = bool 0
y = If(c) {then_branch: { () -> (t)
 t = Abs(x) }, else_branch: { () -> (e)
 n = Neg(x)
 e = If(d) {then_branch: { () -> (p)
 p = Exp(n) }, else_branch: { () -> (q)
 q = Abs(n) }} }}`,
      after: `n = Neg(x)
y = If(d) {then_branch: { () -> (p)
 p = Exp(n) }, else_branch: { () -> (q)
 q = Abs(n) }}`,
    }))
})
