import { describe, it } from 'vitest'
import { dropIdentity } from '../../../../core/rules/tidy/drop-identity.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('drop-identity', () => {
  it('drops it', () =>
    checkRule(dropIdentity, {
      before: `(x: float32[2, 3]) -> (y)
a = Identity(x)
y = Relu(a)`,
      after: `y = Relu(x)`,
    }))

  it('gives the name of an output to what computes it', () =>
    checkRule(dropIdentity, {
      before: `(x: float32[2, 3]) -> (y)
a = Relu(x)
y = Identity(a)`,
      after: `y = Relu(x)`,
    }))

  it('keeps one between an input and an output', () =>
    checkRejects(
      dropIdentity,
      `(x: float32[2]) -> (y)
y = Identity(x)`,
      'the graph gives out one of its inputs',
    ))
})
