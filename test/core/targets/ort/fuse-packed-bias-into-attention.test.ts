import { describe, it } from 'vitest'
import { fusePackedBiasIntoAttention } from '../../../../core/targets/ort/fuse-packed-bias-into-attention.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

const before = `(x: float32[2, 5, 8], m: float32[1, 1, 5, 5]) -> (y)
p = MatMul(x, float32[8, 24])
s = Add(p, float32[24])
q, k, v = Split(s) {axis: -1, num_outputs: 3}
y = com.microsoft.MultiHeadAttention(q, k, v, _, _, m) {num_heads: 2}`

describe('fuse-packed-bias-into-attention', () => {
  it('hands the bias in behind the split', () =>
    checkRule(fusePackedBiasIntoAttention, {
      before,
      after: `p = MatMul(x, float32[8, 24])
q, k, v = Split(p) {axis: -1, num_outputs: 3}
y = com.microsoft.MultiHeadAttention(q, k, v, float32[24], _, m) {num_heads: 2}`,
      opsets: 'opset 18, com.microsoft 1',
    }))

  it('leaves parts in another order', () =>
    checkRejects(
      fusePackedBiasIntoAttention,
      before.replace('(q, k, v, _', '(k, q, v, _').replace('(x:', '(x:'),
      'query, key and value are not the three parts of one value',
    ))
})
