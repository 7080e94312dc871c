import { describe, it } from 'vitest'
import { dropDeadCode } from '../../../../core/rules/tidy/drop-dead-code.ts'
import { checkRule } from '../../../support/check-rule.ts'

describe('drop-dead-code', () => {
  it('removes nodes and constants', () =>
    checkRule(dropDeadCode, {
      before: `(x: float32[2, 3]) -> (y)
w = float32[3]
a = Neg(x)
b = Add(a, w)
y = Relu(x)`,
      after: `y = Relu(x)`,
    }))
})
