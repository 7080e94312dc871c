import { describe, it } from 'vitest'
import { liftStandardAttention } from '../../../../core/rules/attention/lift-standard-attention.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

const opsets = 'opset 23, com.microsoft 1'
const heads = (name: string, count: number) => `${name}r = Reshape(${name}, int64[4] {0, 0, ${count}, 4})
${name}h = Transpose(${name}r) {perm: [0, 2, 1, 3]}`
const views = `${heads('q', 2)}
${heads('k', 2)}
${heads('v', 2)}`
const values = '(q: float32[n, s, 8], k: float32[n, t, 8], v: float32[n, t, 8], m: bool[n, 1, s, t]) -> (y)'
const turned = 'y = Transpose(a) {perm: [0, 2, 1, 3]}'

describe('lift-standard-attention', () => {
  it('needs no views to heads and back', () =>
    checkRule(liftStandardAttention, {
      opsets,
      before: `${values}
${views}
a = Attention(qh, kh, vh) {scale: 0.25, is_causal: 0}
${turned}`,
      after: `a = lathe.Attention(q, k, v) {heads: 2, kv_heads: 2, scale: 0.25}
y = Reshape(a, int64[4] {0, 0, 2, 4})`,
    }))

  it('adds a mask of truths as numbers, and scales by the size of heads where nothing else is said', () =>
    checkRule(liftStandardAttention, {
      opsets,
      before: `${values}
${views}
a = Attention(qh, kh, vh, m)
${turned}`,
      after: `w = Where(m, float32 0.0, float32 -3.4028234663852886e+38)
a = lathe.Attention(q, k, v, w) {heads: 2, kv_heads: 2, scale: 0.5, safe: 1}
y = Reshape(a, int64[4] {0, 0, 2, 4})`,
    }))

  it('reads key and value heads for groups of query heads', () =>
    checkRule(liftStandardAttention, {
      opsets,
      before: `(q: float32[n, s, 16], k: float32[n, t, 8], v: float32[n, t, 8]) -> (y)
${heads('q', 4)}
${heads('k', 2)}
${heads('v', 2)}
a = Attention(qh, kh, vh)
${turned}`,
      after: `a = lathe.Attention(q, k, v) {heads: 4, kv_heads: 2, scale: 0.5}
y = Reshape(a, int64[4] {0, 0, 4, 4})`,
    }))

  it('leaves what is causal without a mask', () =>
    checkRejects(
      liftStandardAttention,
      `${values}
${views}
a = Attention(qh, kh, vh) {is_causal: 1}
${turned}`,
      'it is causal without a mask',
      opsets,
    ))

  it('leaves keys that come as heads', () =>
    checkRejects(
      liftStandardAttention,
      `(q: float32[n, s, 8], k: float32[n, 2, t, 4], v: float32[n, 2, t, 4]) -> (y)
${heads('q', 2)}
a = Attention(qh, k, v)
${turned}`,
      'the keys are not seen to be heads of three axes',
      opsets,
    ))
})
