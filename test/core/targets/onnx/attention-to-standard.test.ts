import { describe, it } from 'vitest'
import { attentionToStandard } from '../../../../core/targets/onnx/attention-to-standard.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

const grouped = `(q: float32[2, 5, 16], k: float32[2, 5, 8], m: float32[2, 1, 5, 5]) -> (y)
y = lathe.Attention(q, k, k, m) {heads: 4, kv_heads: 2, scale: 0.25}`

describe('attention-to-standard', () => {
  it('keeps key heads unrepeated', () =>
    checkRule(attentionToStandard, {
      before: grouped,
      after: 'y = Attention(q, k, k, m) {kv_num_heads: 2, q_num_heads: 4, scale: 0.25}',
      opsets: 'opset 23',
    }))

  it('hands in the past and gives out all keys and values', () =>
    checkRule(attentionToStandard, {
      before: `(q: float32[2, 3, 16], k: float32[2, 3, 8], m: float32[2, 1, 3, 8], pk: float32[2, 2, 5, 4], pv: float32[2, 2, 5, 4]) -> (y, key, value)
y, key, value = lathe.Attention(q, k, k, m, pk, pv) {heads: 4, kv_heads: 2, scale: 0.25}`,
      after: 'y, key, value = Attention(q, k, k, m, pk, pv) {kv_num_heads: 2, q_num_heads: 4, scale: 0.25}',
      opsets: 'opset 23',
    }))

  it('bounds scores before it adds the mask', () =>
    checkRule(attentionToStandard, {
      before: `(q: float32[2, 3, 16]) -> (y)
m = float32[3, 3] {0.0, -10000.0, -10000.0, 0.0, 0.5, -10000.0, 3.0, 0.0, 0.0}
y = lathe.Attention(q, q, q, m) {heads: 4, kv_heads: 4, scale: 9.0, softcap: 2.5}`,
      after: `w = Unsqueeze(float32[3, 3], int64[2] {0, 1})
y = Attention(q, q, q, w) {kv_num_heads: 4, q_num_heads: 4, scale: 9.0, softcap: 2.5}`,
      opsets: 'opset 23',
    }))

  it('gives zeros to queries without an open key', () =>
    checkRule(attentionToStandard, {
      before: `(q: float32[2, 2, 8]) -> (y)
m = float32[1, 1, 2, 2] {-inf, -inf, 0.0, -inf}
y = lathe.Attention(q, q, q, m) {heads: 2, kv_heads: 2, scale: 1.0, safe: 1}`,
      after: `y = Attention(q, q, q, float32[1, 1, 2, 2]) {kv_num_heads: 2, q_num_heads: 2, scale: 1.0}`,
      opsets: 'opset 23',
    }))

  it('writes out for every query a mask of keys that the queries only look at', () =>
    checkRule(attentionToStandard, {
      before: `(q: float32[2, length, 8], k: float32[2, 7, 8], m: float32[2, 1, 1, 7]) -> (y)
y = lathe.Attention(q, k, k, m) {heads: 2, kv_heads: 2, scale: 1.0}`,
      after: `n = Shape(q) {end: 2, start: 1}
s = Concat(int64[2] {1, 1}, n, int64[1] {1}) {axis: 0}
w = Expand(m, s)
y = Attention(q, k, k, w) {kv_num_heads: 2, q_num_heads: 2, scale: 1.0}`,
      opsets: 'opset 23',
    }))

  it('needs operator set 23', () => checkRejects(attentionToStandard, grouped, 'it would have to be 23', 'opset 21'))
})
