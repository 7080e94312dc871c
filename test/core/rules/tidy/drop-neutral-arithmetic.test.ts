import { describe, it } from 'vitest'
import { dropNeutralArithmetic } from '../../../../core/rules/tidy/drop-neutral-arithmetic.ts'
import { checkLeaves, checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('drop-neutral-arithmetic', () => {
  it('drops x + 0', () =>
    checkRule(dropNeutralArithmetic, {
      before: `(x: float32[2, 3]) -> (y)
a = Add(float32 0.0, x)
y = Relu(a)`,
      after: `y = Relu(x)`,
    }))

  it('drops x - 0', () =>
    checkRule(dropNeutralArithmetic, {
      before: `(x: float32[2, 3]) -> (y)
a = Sub(x, float32 0.0)
y = Relu(a)`,
      after: `y = Relu(x)`,
    }))

  it('drops x * 1', () =>
    checkRule(dropNeutralArithmetic, {
      before: `(x: float32[2, 3]) -> (y)
a = Mul(x, float32[3] ones)
y = Relu(a)`,
      after: `y = Relu(x)`,
    }))

  it('drops x / 1', () =>
    checkRule(dropNeutralArithmetic, {
      before: `(x: float32[2, 3]) -> (y)
a = Div(x, float32 1.0)
y = Relu(a)`,
      after: `y = Relu(x)`,
    }))

  it('drops x to the power of 1', () =>
    checkRule(dropNeutralArithmetic, {
      before: `(x: float32[2, 3]) -> (y)
a = Pow(x, float32 1.0)
y = Relu(a)`,
      after: `y = Relu(x)`,
    }))

  it('drops x and true', () =>
    checkRule(dropNeutralArithmetic, {
      before: `(x: bool[2, 3]) -> (y)\na = And(bool 1, x)\ny = Not(a)`,
      after: `y = Not(x)`,
    }))

  it('keeps one that broadcasts', () =>
    checkRejects(
      dropNeutralArithmetic,
      `(x: float32[3]) -> (y)
y = Add(x, float32[2, 3] zeros)`,
      'the shape changes',
    ))

  it('keeps other constants', () =>
    checkRejects(
      dropNeutralArithmetic,
      `(x: float32[3]) -> (y)
y = Add(x, float32 1.0)`,
      'the constant is not neutral',
    ))

  it('keeps 0 - x', () =>
    checkLeaves(
      dropNeutralArithmetic,
      `(x: float32[3]) -> (y)
y = Sub(float32 0.0, x)`,
    ))
})
