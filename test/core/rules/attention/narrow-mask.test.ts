import { describe, it } from 'vitest'
import { narrowMask } from '../../../../core/rules/attention/narrow-mask.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

const border = '(q: float32[2, 5, 8], m: bool[2, 1, 1, 5]) -> (y)'
const attention = 'y = lathe.Attention(q, q, q, w) {heads: 2, kv_heads: 2, scale: 0.5}'

describe('narrow-mask', () => {
  it('drops conditions that always hold', () =>
    checkRule(narrowMask, {
      before: `${border}
r = Range(int64 0, int64 5, int64 1)
c = Reshape(r, int64[4] {1, 1, -1, 1})
g = GreaterOrEqual(c, int64 0)
t = And(bool 1, g)
a = And(t, m)
w = Where(a, float32 0.0, float32 -10000.0)
${attention}`,
      after: `w = Where(m, float32 0.0, float32 -10000.0)
${attention}`,
    }))

  it('drops a mask that closes nothing, and keeps the past', () =>
    checkRule(narrowMask, {
      before: `(q: float32[2, 3, 8], p: float32[2, 2, 5, 4]) -> (y, key, value)
r = Range(int64 0, int64 8, int64 1)
c = Reshape(r, int64[4] {1, 1, 1, -1})
g = GreaterOrEqual(c, int64 0)
w = Where(g, float32 0.0, float32 -inf)
y, key, value = lathe.Attention(q, q, q, w, p, p) {heads: 2, kv_heads: 2, scale: 0.5, safe: 1}`,
      after: 'y, key, value = lathe.Attention(q, q, q, _, p, p) {heads: 2, kv_heads: 2, scale: 0.5}',
    }))

  it('leaves conditions that decide something', () =>
    checkRejects(
      narrowMask,
      `${border}
w = Where(m, float32 0.0, float32 -10000.0)
${attention}`,
      'every condition of the mask decides something',
    ))
})
