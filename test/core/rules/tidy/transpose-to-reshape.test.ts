import { describe, it } from 'vitest'
import { transposeToReshape } from '../../../../core/rules/tidy/transpose-to-reshape.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('transpose-to-reshape', () => {
  it('turns it into a Reshape', () =>
    checkRule(transposeToReshape, {
      before: `(x: float32[n, 1, 4]) -> (y)
y = Transpose(x) {perm: [1, 0, 2]}`,
      after: `y = Reshape(x, int64[3] {1, -1, 4})`,
    }))

  it('keeps one that moves data', () =>
    checkRejects(
      transposeToReshape,
      `(x: float32[2, 3]) -> (y)
y = Transpose(x) {perm: [1, 0]}`,
      'it moves axes that are longer than 1',
    ))
})
