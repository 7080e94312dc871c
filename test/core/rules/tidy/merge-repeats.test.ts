import { describe, it } from 'vitest'
import { mergeRepeats } from '../../../../core/rules/tidy/merge-repeats.ts'
import { checkRule } from '../../../support/check-rule.ts'

describe('merge-repeats', () => {
  it('keeps one Relu', () =>
    checkRule(mergeRepeats, {
      before: `(x: float32[2, 3]) -> (y)
a = Relu(x)
y = Relu(a)`,
      after: `y = Relu(x)`,
    }))
})
