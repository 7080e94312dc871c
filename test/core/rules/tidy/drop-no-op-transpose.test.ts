import { describe, it } from 'vitest'
import { dropNoOpTranspose } from '../../../../core/rules/tidy/drop-no-op-transpose.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('drop-no-op-transpose', () => {
  it('drops it', () =>
    checkRule(dropNoOpTranspose, {
      before: `(x: float32[2, 3]) -> (y)
a = Transpose(x) {perm: [0, 1]}
y = Relu(a)`,
      after: `y = Relu(x)`,
    }))

  it('keeps one that moves axes', () =>
    checkRejects(
      dropNoOpTranspose,
      `(x: float32[2, 3]) -> (y)
y = Transpose(x) {perm: [1, 0]}`,
      'it moves axes',
    ))
})
