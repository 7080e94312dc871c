import { describe, it } from 'vitest'
import { mergeConcats } from '../../../../core/rules/tidy/merge-concats.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('merge-concats', () => {
  it('flattens', () =>
    checkRule(mergeConcats, {
      before: `(x: float32[2, 3], z: float32[2, 3]) -> (y)
a = Concat(x, z) {axis: 1}
y = Concat(z, a, x) {axis: -1}`,
      after: `y = Concat(z, x, z, x) {axis: 1}`,
    }))

  it('keeps another axis', () =>
    checkRejects(
      mergeConcats,
      `(x: float32[2, 2], z: float32[2, 2]) -> (y)
a = Concat(x, z) {axis: 0}
y = Concat(a, a) {axis: 1}`,
      'no input is a Concat along the same axis',
    ))
})
