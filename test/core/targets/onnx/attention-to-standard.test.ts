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

  it('needs operator set 23', () => checkRejects(attentionToStandard, grouped, 'it would have to be 23', 'opset 21'))
})
