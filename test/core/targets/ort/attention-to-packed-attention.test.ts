import { describe, expect, it } from 'vitest'
import { graphText } from '../../../../core/ir/text.ts'
import { fuse } from '../../../../core/passes/fuse.ts'
import { attentionToPackedAttention } from '../../../../core/targets/ort/attention-to-packed-attention.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'
import { modelOf } from '../../../support/graph.ts'
import { workshop } from '../../../support/pass-context.ts'

const projected = (mask = '') => `(x: float32[batch, seq, 8], keep: int64[batch, seq]) -> (y)
q = MatMul(x, float32[8, 8])
qb = Add(q, float32[8])
k = MatMul(x, float32[8, 8])
v = MatMul(x, float32[8, 8])
vb = Add(v, float32[8])
c = Cast(keep) {to: 9}
${mask}
y = lathe.Attention(qb, k, vb, w) {heads: 2, kv_heads: 2, scale: 0.5}`
const padding = 'u = Unsqueeze(c, int64[2] {1, 2})\nw = Where(u, float32 0.0, float32 -10000.0)'
const { context } = await workshop()

describe('attention-to-packed-attention', () => {
  it('takes products and biases in, and a padding mask as such', () =>
    checkRule(attentionToPackedAttention, {
      before: projected(padding),
      after: `c = Cast(keep) {to: 9}
p = Cast(c) {to: 6}
y = com.microsoft.Attention(x, float32[8, 24], float32[24], p) {mask_filter_value: -10000.0, num_heads: 2, scale: 0.5}`,
    }))

  it('adds any other mask to the scores', () =>
    checkRule(attentionToPackedAttention, {
      before: `(x: float32[2, 3, 8], w: float32[2, 1, 3, 3]) -> (y)
q = MatMul(x, float32[8, 8])
k = MatMul(x, float32[8, 8])
v = MatMul(x, float32[8, 8])
y = lathe.Attention(q, k, v, w) {heads: 2, kv_heads: 2, scale: 0.5}`,
      after: 'y = com.microsoft.Attention(x, float32[8, 24], float32[24], _, _, w) {num_heads: 2, scale: 0.5}',
    }))

  it('leaves projections of several values, or that others read', async () => {
    const plain = `(x: float32[2, 3, 8], z: float32[2, 3, 8]) -> (y)
q = MatMul(x, float32[8, 8])
k = MatMul(z, float32[8, 8])
v = MatMul(z, float32[8, 8])
y = lathe.Attention(q, k, v) {heads: 2, kv_heads: 2, scale: 0.5}`
    await checkRejects(attentionToPackedAttention, plain, 'they are not made of one value')
    const read = plain.replace('-> (y)', '-> (y, k)')
    await checkRejects(attentionToPackedAttention, read, 'query, key and value are not all products with weights')
  })

  it.each([
    ['faster', 0.5],
    ['as fast', 1],
  ])('is done only where it was timed to be faster: %s', async (_, time) => {
    const decomposed = modelOf(`opset 17\n${decomposedAttention}`)
    const options = fuse.options.parse({ choose: 'measured' })
    const packs = (text: string) => text.includes('com.microsoft.Attention(')
    const { parts, notes } = await fuse.run(decomposed, options, {
      ...context(),
      memo: (_key, make) => make(),
      time: async (ways) => ({ runs: ways.map(({ graph }) => [packs(graphText(graph)) ? time : 1]), copies: [], floor: 0.02 }),
    })
    expect(packs(graphText(parts[0]!.graph))).toBe(time < 1)
    expect(notes?.join()).toContain(`attention-to-packed-attention is ${time < 1 ? 'done' : 'not done'} at one place`)
  })
})

const heads = (name: string, perm: string) => `${name}m = MatMul(x, float32[8, 8])
${name}r = Reshape(${name}m, int64[4] {0, 0, 2, 4})
${name} = Transpose(${name}r) {perm: [${perm}]}`
const decomposedAttention = `(x: float32[2, 3, 8]) -> (y)
${heads('q', '0, 2, 1, 3')}
${heads('k', '0, 2, 3, 1')}
${heads('v', '0, 2, 1, 3')}
s = MatMul(q, k)
d = Div(s, float32 2.0)
w = Softmax(d) {axis: -1}
c = MatMul(w, v)
t = Transpose(c) {perm: [0, 2, 1, 3]}
r = Reshape(t, int64[3] {0, 0, 8})
y = MatMul(r, float32[8, 8])`
