import { describe, it } from 'vitest'
import { mergeClips } from '../../../../core/rules/tidy/merge-clips.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('merge-clips', () => {
  it('takes a Relu in', () =>
    checkRule(mergeClips, {
      before: `(x: float32[2, 3]) -> (y)
a = Relu(x)
y = Clip(a, float32 -1.0, float32 0.5)`,
      after: `y = Clip(x, float32 0.0, float32 0.5)`,
    }))

  it('takes a Relu after it in', () =>
    checkRule(mergeClips, {
      before: `(x: float32[2, 3]) -> (y)
a = Clip(x, float32 -1.0, float32 0.5)
y = Relu(a)`,
      after: `y = Clip(x, float32 0.0, float32 0.5)`,
    }))

  it('lets the outer bounds win', () =>
    checkRule(mergeClips, {
      before: `(x: float32[2, 3]) -> (y)
a = Clip(x, float32 -0.2, _)
y = Clip(a, float32 -1.0, float32 -0.5)`,
      after: `y = Clip(x, float32 -0.5, float32 -0.5)`,
    }))

  it('leaves computed bounds', () =>
    checkRejects(
      mergeClips,
      `(x: float32[2, 3], m: float32[]) -> (y)
a = Relu(x)
y = Clip(a, _, m)`,
      'bounds are no constants',
    ))
})
