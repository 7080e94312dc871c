import { describe, it } from 'vitest'
import { dropSumWithZeros } from '../../../../core/rules/tidy/drop-sum-with-zeros.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

const sizes = `(x: float32[batch, seq, 4]) -> (y: float32[batch, seq, 4])
s = Shape(x)`

describe('drop-sum-with-zeros', () => {
  it('drops zeros of a size that only the run knows, times what was the beta of baddbmm', () =>
    checkRule(dropSumWithZeros, {
      before: `${sizes}
z = ConstantOfShape(s) {value: float32[1] {0.0}}
b = Mul(z, float32 0.0)
m = Mul(x, float32 0.25)
a = Add(m, b)
y = Softmax(a)`,
      after: `m = Mul(x, float32 0.25)
y = Softmax(m)`,
    }))

  it('drops them alone and on either side', () =>
    checkRule(dropSumWithZeros, {
      before: `${sizes}
z = ConstantOfShape(s)
r = Relu(x)
y = Add(z, r)`,
      after: 'y = Relu(x)',
    }))

  it('drops one zero that is expanded', () =>
    checkRule(dropSumWithZeros, {
      before: `${sizes}
z = Expand(float32 0.0, s)
b = Mul(z, float32 0.5)
r = Relu(x)
y = Add(r, b)`,
      after: 'y = Relu(x)',
    }))

  it('keeps a sum with anything else', () =>
    checkRejects(
      dropSumWithZeros,
      `${sizes}
z = ConstantOfShape(s) {value: float32[1] {1.0}}
r = Relu(x)
y = Add(r, z)`,
      'what is filled in is not zero',
    ))

  it('keeps what makes the other addend larger', () =>
    checkRejects(
      dropSumWithZeros,
      `(x: float32[1, seq, 4], n: float32[batch, seq, 4]) -> (y: float32[batch, seq, 4])
s = Shape(n)
z = ConstantOfShape(s)
r = Relu(x)
y = Add(r, z)`,
      'the shape changes or is not known',
    ))
})
