import { describe, it } from 'vitest'
import { liftAttentionOfOneQuery, liftUnturnedAttention } from '../../../../core/rules/attention/lift-unturned-attention.ts'
import { checkLeaves, checkRejects, checkRule } from '../../../support/check-rule.ts'

const heads = (name: string, perm: string) => `${name}r = Reshape(${name}, int64[4] {0, 0, 2, 4})
${name}h = Transpose(${name}r) {perm: ${perm}}`
const graph = (border: string) => `${border}
${heads('q', '[0, 2, 1, 3]')}
${heads('k', '[0, 2, 3, 1]')}
${heads('v', '[0, 2, 1, 3]')}
s = MatMul(qh, kh)
f = Mul(s, float32 0.5)
p = Softmax(f) {axis: -1}`

describe('lift-unturned-attention', () => {
  it('reads a context of one query, which a view turns', () =>
    checkRule(liftUnturnedAttention, {
      before: `${graph('(q: float32[batch, 1, 8], k: float32[batch, seq, 8], v: float32[batch, seq, 8]) -> (y)')}
c = MatMul(p, vh)
y = Reshape(c, int64[2] {-1, 8})`,
      after: `z = lathe.Attention(q, k, v) {heads: 2, kv_heads: 2, scale: 0.5}
r = Reshape(z, int64[4] {0, 0, 2, 4})
t = Transpose(r) {perm: [0, 2, 1, 3]}
y = Reshape(t, int64[2] {-1, 8})`,
    }))

  it('leaves what another rule reads, with its heads turned', () =>
    checkLeaves(
      liftUnturnedAttention,
      `${graph('(q: float32[2, 5, 8], k: float32[2, 6, 8], v: float32[2, 6, 8]) -> (y)')}
c = MatMul(p, vh)
y = Transpose(c) {perm: [0, 2, 1, 3]}`,
    ))

  it('leaves many queries to those who only want to know of them', () =>
    checkRejects(
      liftAttentionOfOneQuery,
      `${graph('(q: float32[2, 5, 8], k: float32[2, 6, 8], v: float32[2, 6, 8]) -> (y)')}
y = MatMul(p, vh)`,
      'turning them for one operator costs more than it brings',
    ))

  it('leaves one query for all sequences', () =>
    checkRejects(
      liftUnturnedAttention,
      `${graph('(q: float32[1, 1, 8], k: float32[3, 6, 8], v: float32[3, 6, 8]) -> (y)')}
y = MatMul(p, vh)`,
      'the queries are of one sequence and the keys of others',
    ))
})
