import { describe, it } from 'vitest'
import { mergeViews } from '../../../../core/rules/tidy/merge-views.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('merge-views', () => {
  it('cancels a pair', () =>
    checkRule(mergeViews, {
      before: `(x: float32[n, 3]) -> (y)
a = Unsqueeze(x, int64[1] {1})
b = Squeeze(a, int64[1] {1})
y = Relu(b)`,
      after: `y = Relu(x)`,
    }))

  it('makes one Reshape of a chain', () =>
    checkRule(mergeViews, {
      before: `(x: float32[n, 3, 4]) -> (y)
a = Flatten(x)
b = Reshape(a, int64[3] {0, 2, 6})
y = Unsqueeze(b, int64[1] {0})`,
      after: `y = Reshape(x, int64[4] {1, -1, 2, 6})`,
    }))

  it('works beside other readers', () =>
    checkRule(mergeViews, {
      before: `(x: float32[2, 6]) -> (y, z)
a = Reshape(x, int64[2] {3, 4})
z = Relu(a)
y = Reshape(a, int64[1] {12})`,
      after: `y = Reshape(x, int64[1] {12})
%1 = Reshape(x, int64[2] {3, 4})
z = Relu(%1)`,
    }))

  it('keeps a chain whose end needs two open sizes', () =>
    checkRejects(
      mergeViews,
      `(x: float32[n, m, 4]) -> (y)
a = Unsqueeze(x, int64[1] {0})
y = Unsqueeze(a, int64[1] {0})`,
      'no constant says the final shape',
    ))
})
