import { describe, it } from 'vitest'
import { selectQueriesFirst } from '../../../../core/rules/selection/select-queries-first.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

const before = `(q: float32[2, 5, 8], k: float32[2, 5, 8], v: float32[2, 5, 8], mask: float32[2, 1, 1, 5]) -> (y)
a = lathe.Attention(q, k, v, mask) {heads: 2, kv_heads: 2, scale: 0.5}
y = Gather(a, int64[] {0}) {axis: 1}`

describe('select-queries-first', () => {
  it('asks only with the queries that are read', () =>
    checkRule(selectQueriesFirst, {
      before,
      after: `p = Gather(q, int64[1] {0}) {axis: 1}
a = lathe.Attention(p, k, v, mask) {heads: 2, kv_heads: 2, scale: 0.5}
y = Squeeze(a, int64[1] {1})`,
    }))

  it('selects the rows of a mask of each query', () =>
    checkRule(selectQueriesFirst, {
      before: before.replace('mask: float32[2, 1, 1, 5]', 'mask: float32[5, 5]'),
      after: `p = Gather(q, int64[1] {0}) {axis: 1}
r = Gather(mask, int64[1] {0}) {axis: 0}
a = lathe.Attention(p, k, v, r) {heads: 2, kv_heads: 2, scale: 0.5}
y = Squeeze(a, int64[1] {1})`,
    }))

  it('leaves a selection among sequences, and attention with fewer key heads and a mask', async () => {
    await checkRejects(selectQueriesFirst, before.replace('axis: 1}', 'axis: 0}'), 'it does not select among positions')
    await checkRejects(
      selectQueriesFirst,
      before
        .replace('k: float32[2, 5, 8], v: float32[2, 5, 8]', 'k: float32[2, 5, 4], v: float32[2, 5, 4]')
        .replace('kv_heads: 2', 'kv_heads: 1'),
      'the mask has to stay causal',
    )
  })

  it('leaves a mask that may be of each query or of all', () =>
    checkRejects(
      selectQueriesFirst,
      before.replace('mask: float32[2, 1, 1, 5]', 'mask: float32[2, 1, rows, 5]'),
      'it cannot be told whether the mask is of each query',
    ))
})
