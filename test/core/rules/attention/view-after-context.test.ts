import { describe, it } from 'vitest'
import { viewAfterContext } from '../../../../core/rules/attention/view-after-context.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

const context = `(s: float32[batch, 4, 6, 7], v: float32[batch, 4, 7, 8]) -> (y)
p = Softmax(s)
c = MatMul(p, v)`

describe('view-after-context', () => {
  it('takes queries apart after the heads are put behind them', () =>
    checkRule(viewAfterContext, {
      before: `${context}
r = Reshape(c, int64[5] {0, 4, 2, 3, 8})
y = Transpose(r) {perm: [0, 2, 3, 1, 4]}`,
      after: `p = Softmax(s)
c = MatMul(p, v)
t = Transpose(c) {perm: [0, 2, 1, 3]}
y = Reshape(t, int64[5] {0, 2, 3, 4, 8})`,
    }))

  it('leaves rows and columns that are exchanged', () =>
    checkRejects(
      viewAfterContext,
      `${context}
r = Reshape(c, int64[5] {0, 4, 2, 3, 8})
y = Transpose(r) {perm: [0, 3, 2, 1, 4]}`,
      'the heads do not come to stand behind the queries',
    ))

  it('leaves heads that are taken apart', () =>
    checkRejects(
      viewAfterContext,
      `${context}
r = Reshape(c, int64[5] {0, 2, 2, 6, 8})
y = Transpose(r) {perm: [0, 2, 3, 1, 4]}`,
      'the view takes more apart than the queries',
    ))
})
