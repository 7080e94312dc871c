import { describe, it } from 'vitest'
import { mergeTransposes } from '../../../../core/rules/tidy/merge-transposes.ts'
import { checkRule } from '../../../support/check-rule.ts'

describe('merge-transposes', () => {
  it('cancels a pair', () =>
    checkRule(mergeTransposes, {
      before: `(x: float32[2, 3, 4]) -> (y)
a = Transpose(x) {perm: [0, 2, 1]}
b = Transpose(a) {perm: [0, 2, 1]}
y = Relu(b)`,
      after: `y = Relu(x)`,
    }))

  it('composes permutations', () =>
    checkRule(mergeTransposes, {
      before: `(x: float32[2, 3, 4]) -> (y)
a = Transpose(x) {perm: [1, 2, 0]}
y = Transpose(a) {perm: [0, 2, 1]}`,
      after: `y = Transpose(x) {perm: [1, 0, 2]}`,
    }))

  it('knows the reversing default', () =>
    checkRule(mergeTransposes, {
      before: `(x: float32[2, 3, 4]) -> (y)
a = Transpose(x)
y = Transpose(a) {perm: [0, 2, 1]}`,
      after: `y = Transpose(x) {perm: [2, 0, 1]}`,
    }))
})
