import { describe, it } from 'vitest'
import { rotaryToStandard } from '../../../../core/targets/onnx/rotary-to-standard.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('rotary-to-standard', () => {
  it('takes tables of each sequence as they are', () =>
    checkRule(rotaryToStandard, {
      before: `(x: float32[2, 5, 12], c: float32[2, 5, 3], s: float32[2, 5, 3]) -> (y)
y = lathe.Rotary(x, c, s) {heads: 2}`,
      after: 'y = RotaryEmbedding(x, c, s) {num_heads: 2}',
      opsets: 'opset 23',
    }))

  it('repeats tables that are the same for all sequences', () =>
    checkRule(rotaryToStandard, {
      before: `(x: float32[batch, 5, 12], c: float32[5, 3], s: float32[5, 3]) -> (y)
y = lathe.Rotary(x, c, s) {heads: 2}`,
      after: `b = Shape(x) {end: 1, start: 0}
t = Concat(b, int64[2] {1, 1}) {axis: 0}
ce = Expand(c, t)
se = Expand(s, t)
y = RotaryEmbedding(x, ce, se) {num_heads: 2}`,
      opsets: 'opset 23',
    }))

  it('tells how much of each head is turned where that is not all, and that neighbours are', () =>
    checkRule(rotaryToStandard, {
      before: `(x: float32[2, 5, 12], c: float32[2, 5, 2], s: float32[2, 5, 2]) -> (y)
y = lathe.Rotary(x, c, s) {heads: 2, interleaved: 1}`,
      after: 'y = RotaryEmbedding(x, c, s) {interleaved: 1, num_heads: 2, rotary_embedding_dim: 4}',
      opsets: 'opset 23',
    }))

  it('needs operator set 23', () =>
    checkRejects(
      rotaryToStandard,
      `(x: float32[2, 5, 12], c: float32[5, 3], s: float32[5, 3]) -> (y)
y = lathe.Rotary(x, c, s) {heads: 2}`,
      'it would have to be 23',
    ))
})
