import { describe, it } from 'vitest'
import { dropDropout } from '../../../../core/rules/tidy/drop-dropout.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('drop-dropout', () => {
  it('drops it at inference', () =>
    checkRule(dropDropout, {
      before: `(x: float32[2, 3]) -> (y)
a = Dropout(x, float32 0.5)
y = Relu(a)`,
      after: `y = Relu(x)`,
    }))

  it('drops one that says it does not train', () =>
    checkRule(dropDropout, {
      before: `(x: float32[2, 3]) -> (y)
a = Dropout(x, float32 0.5, bool 0)
y = Relu(a)`,
      after: `y = Relu(x)`,
    }))

  it('keeps one that trains', () =>
    checkRejects(
      dropDropout,
      `(x: float32[2]) -> (y)
a = Dropout(x, float32 0.5, bool 1)
y = Relu(a)`,
      'it is in training mode',
    ))

  it('keeps one whose mask is read', () =>
    checkRejects(
      dropDropout,
      `(x: float32[2]) -> (y, m)
a, m = Dropout(x)
y = Relu(a)`,
      'its mask is read',
    ))
})
