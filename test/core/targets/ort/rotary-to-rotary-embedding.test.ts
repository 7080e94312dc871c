import { describe, it } from 'vitest'
import { rotaryToRotaryEmbedding } from '../../../../core/targets/ort/rotary-to-rotary-embedding.ts'
import { checkRule } from '../../../support/check-rule.ts'

describe('rotary-to-rotary-embedding', () => {
  it('begins at the first row of the tables', () =>
    checkRule(rotaryToRotaryEmbedding, {
      before: `(x: float32[2, 5, 12], c: float32[5, 3], s: float32[5, 3]) -> (y)
y = lathe.Rotary(x, c, s) {heads: 2}`,
      after: 'y = com.microsoft.RotaryEmbedding(x, int64[1] {0}, c, s) {interleaved: 0, num_heads: 2}',
    }))

  it('tells how much of each head is turned where that is not all, and that neighbours are', () =>
    checkRule(rotaryToRotaryEmbedding, {
      before: `(x: float32[2, 5, 12], c: float32[5, 1], s: float32[5, 1]) -> (y)
y = lathe.Rotary(x, c, s) {heads: 2, interleaved: 1}`,
      after: 'y = com.microsoft.RotaryEmbedding(x, int64[1] {0}, c, s) {interleaved: 1, num_heads: 2, rotary_embedding_dim: 2}',
    }))
})
