import { describe, it } from 'vitest'
import { dropSingleInput } from '../../../../core/rules/tidy/drop-single-input.ts'
import { checkLeaves, checkRule } from '../../../support/check-rule.ts'

describe('drop-single-input', () => {
  it('drops a Concat', () =>
    checkRule(dropSingleInput, {
      before: `(x: float32[2, 3]) -> (y)
a = Concat(x) {axis: 0}
y = Relu(a)`,
      after: `y = Relu(x)`,
    }))

  it('keeps one of two inputs', () =>
    checkLeaves(
      dropSingleInput,
      `(x: float32[2, 3]) -> (y)
y = Concat(x, x) {axis: 0}`,
    ))
})
