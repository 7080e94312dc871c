import { describe, expect, it } from 'vitest'
import { nearMisses } from '../../../../core/rewrite/trace.ts'
import { liftMergedAttention } from '../../../../core/rules/attention/lift-merged-attention.ts'
import { liftSingleHeadAttention } from '../../../../core/rules/attention/lift-single-head-attention.ts'
import { inferShapes } from '../../../../core/shapes/infer.ts'
import { checkLeaves, checkRejects, checkRule } from '../../../support/check-rule.ts'
import { modelOf } from '../../../support/graph.ts'

const border = (more = '') => `(q: float32[batch, seq, 8], k: float32[batch, keys, 8], v: float32[batch, keys, 6]${more}) -> (y)`
const body = (steps: string, last = 's') => `t = Transpose(k) {perm: [0, 2, 1]}
s = MatMul(q, t)
${steps}
p = Softmax(${last}) {axis: -1}
y = MatMul(p, v)`

describe('lift-single-head-attention', () => {
  it('reads queries, keys and values of other sizes, without a scale', () =>
    checkRule(liftSingleHeadAttention, {
      before: `${border()}\n${body('')}`,
      after: 'y = lathe.Attention(q, k, v) {heads: 1, kv_heads: 1, scale: 1.0}',
    }))

  it('multiplies the scales of scores, queries and keys', () =>
    checkRule(liftSingleHeadAttention, {
      before: `${border()}
a = Mul(q, float32 0.5)
b = Transpose(k) {perm: [0, 2, 1]}
c = Div(b, float32 2.0)
s = MatMul(a, c)
d = Div(s, float32 4.0)
p = Softmax(d) {axis: 2}
y = MatMul(p, v)`,
      after: 'y = lathe.Attention(q, k, v) {heads: 1, kv_heads: 1, scale: 0.0625}',
    }))

  it('turns keys that no Transpose turned', () =>
    checkRule(liftSingleHeadAttention, {
      before: `(q: float32[2, 3, 4], k: float32[2, 4, 5], v: float32[2, 5, 4]) -> (y)
s = MatMul(q, k)
p = Softmax(s)
y = MatMul(p, v)`,
      after: `t = Transpose(k) {perm: [0, 2, 1]}
y = lathe.Attention(q, t, v) {heads: 1, kv_heads: 1, scale: 1.0}`,
    }))

  it('takes a mask of two axes as it is', () =>
    checkRule(liftSingleHeadAttention, {
      before: `${border(', m: float32[seq, keys]')}\n${body('a = Add(s, m)', 'a')}`,
      after: 'y = lathe.Attention(q, k, v, m) {heads: 1, kv_heads: 1, scale: 1.0}',
    }))

  it('puts an axis for heads into a mask of each sequence', () =>
    checkRule(liftSingleHeadAttention, {
      before: `${border(', m: float32[batch, seq, keys]')}\n${body('c = Mul(s, float32 0.5)\na = Add(c, m)', 'a')}`,
      after: `w = Unsqueeze(m, int64[1] {1})
y = lathe.Attention(q, k, v, w) {heads: 1, kv_heads: 1, scale: 0.5}`,
    }))

  it('takes a mask of three axes that is the same for all sequences as it is', () =>
    checkRule(liftSingleHeadAttention, {
      before: `${border(', m: float32[1, 1, keys]')}\n${body('a = Add(s, m)', 'a')}`,
      after: 'y = lathe.Attention(q, k, v, m) {heads: 1, kv_heads: 1, scale: 1.0}',
    }))

  it('adds what replaces scores', () =>
    checkRule(liftSingleHeadAttention, {
      before: `${border(', m: bool[batch, 1, keys]')}\n${body('a = Where(m, float32 -inf, s)', 'a')}`,
      after: `b = Where(m, float32 -inf, float32 0.0)
c = Unsqueeze(b, int64[1] {1})
y = lathe.Attention(q, k, v, c) {heads: 1, kv_heads: 1, scale: 1.0}`,
      sizes: new Map([
        ['batch', 2],
        ['seq', 3],
        ['keys', 7],
      ]),
    }))

  it('makes zeros of queries without an open key where the graph does', () =>
    checkRule(liftSingleHeadAttention, {
      before: `${border(', m: float32[seq, keys]')}
t = Transpose(k) {perm: [0, 2, 1]}
s = MatMul(q, t)
a = Add(s, m)
p = Softmax(a) {axis: -1}
n = IsNaN(p)
z = Where(n, float32 0.0, p)
y = MatMul(z, v)`,
      after: 'y = lathe.Attention(q, k, v, m) {heads: 1, kv_heads: 1, safe: 1, scale: 1.0}',
    }))

  it('reads one sequence without an axis for sequences', () =>
    checkRule(liftSingleHeadAttention, {
      before: `(q: float32[seq, 8], k: float32[keys, 8], v: float32[keys, 6], m: float32[seq, keys]) -> (y)
t = Transpose(k) {perm: [1, 0]}
s = MatMul(q, t)
a = Add(s, m)
p = Softmax(a) {axis: -1}
y = MatMul(p, v)`,
      after: `a = Reshape(q, int64[3] {1, -1, 8})
b = Reshape(k, int64[3] {1, -1, 8})
c = Reshape(v, int64[3] {1, -1, 6})
z = lathe.Attention(a, b, c, m) {heads: 1, kv_heads: 1, scale: 1.0}
y = Reshape(z, int64[2] {-1, 6})`,
    }))

  it('reads an axis of one head', () =>
    checkRule(liftSingleHeadAttention, {
      before: `(q: float32[batch, 1, seq, 8], k: float32[batch, 1, keys, 8], v: float32[batch, 1, keys, 6], m: float32[batch, 1, seq, keys]) -> (y)
t = Transpose(k) {perm: [0, 1, 3, 2]}
s = MatMul(q, t)
a = Add(s, m)
p = Softmax(a) {axis: -1}
y = MatMul(p, v)`,
      after: `a = Reshape(q, int64[3] {0, -1, 8})
b = Reshape(k, int64[3] {0, -1, 8})
c = Reshape(v, int64[3] {0, -1, 6})
z = lathe.Attention(a, b, c, m) {heads: 1, kv_heads: 1, scale: 1.0}
y = Reshape(z, int64[4] {0, 1, -1, 6})`,
    }))

  it('reads windows of an image, whose places are parts of the same axes as the windows', () =>
    checkRule(liftSingleHeadAttention, {
      before: `(x: float32[2, 4, 9, 6]) -> (y)
r = Reshape(x, int64[6] {2, 4, 3, 3, 2, 3})
t = Transpose(r) {perm: [0, 2, 4, 3, 5, 1]}
q = Reshape(t, int64[3] {12, 9, 4})
k = Transpose(q) {perm: [0, 2, 1]}
s = MatMul(q, k)
p = Softmax(s)
y = MatMul(p, q)`,
      after: `r = Reshape(x, int64[6] {2, 4, 3, 3, 2, 3})
t = Transpose(r) {perm: [0, 2, 4, 3, 5, 1]}
q = Reshape(t, int64[3] {12, 9, 4})
y = lathe.Attention(q, q, q) {heads: 1, kv_heads: 1, scale: 1.0}`,
    }))

  it('reads images whose channels come before places: SAGAN, the autoencoders of latent diffusion', () =>
    checkRule(liftSingleHeadAttention, {
      before: `(f: float32[2, 4, 9], g: float32[2, 4, 9], h: float32[2, 6, 9]) -> (y)
q = Transpose(f) {perm: [0, 2, 1]}
s = MatMul(q, g)
c = Mul(s, float32 0.5)
p = Softmax(c) {axis: 2}
w = Transpose(p) {perm: [0, 2, 1]}
y = MatMul(h, w)`,
      after: `q = Transpose(f) {perm: [0, 2, 1]}
k = Transpose(g) {perm: [0, 2, 1]}
v = Transpose(h) {perm: [0, 2, 1]}
z = lathe.Attention(q, k, v) {heads: 1, kv_heads: 1, scale: 0.5}
y = Transpose(z) {perm: [0, 2, 1]}`,
    }))

  it('reads a Softmax along the first axis, keys before queries, as fast.ai writes self-attention', () =>
    checkRule(liftSingleHeadAttention, {
      before: `(f: float32[2, 4, 9], g: float32[2, 4, 5], h: float32[2, 6, 9]) -> (y)
k = Transpose(f) {perm: [0, 2, 1]}
s = MatMul(k, g)
p = Softmax(s) {axis: 1}
y = MatMul(h, p)`,
      after: `q = Transpose(g) {perm: [0, 2, 1]}
k = Transpose(f) {perm: [0, 2, 1]}
v = Transpose(h) {perm: [0, 2, 1]}
z = lathe.Attention(q, k, v) {heads: 1, kv_heads: 1, scale: 1.0}
y = Transpose(z) {perm: [0, 2, 1]}`,
    }))

  it('reads the same with a Transpose on either side of the Softmax, as older operator sets have it', () =>
    checkRule(liftSingleHeadAttention, {
      opsets: 'opset 11, com.microsoft 1',
      before: `(f: float32[2, 4, 9], g: float32[2, 4, 5], h: float32[2, 6, 9]) -> (y)
k = Transpose(f) {perm: [0, 2, 1]}
s = MatMul(k, g)
a = Transpose(s) {perm: [0, 2, 1]}
p = Softmax(a) {axis: 2}
b = Transpose(p) {perm: [0, 2, 1]}
y = MatMul(h, b)`,
      after: `q = Transpose(g) {perm: [0, 2, 1]}
k = Transpose(f) {perm: [0, 2, 1]}
v = Transpose(h) {perm: [0, 2, 1]}
z = lathe.Attention(q, k, v) {heads: 1, kv_heads: 1, scale: 1.0}
y = Transpose(z) {perm: [0, 2, 1]}`,
    }))

  const leaves: readonly (readonly [string, string, string])[] = [
    ['a Softmax over the queries', `${border()}\n${body('').replace('axis: -1', 'axis: 1')}`, 'the Softmax does not run over the keys'],
    [
      'a choice among classes: scores against weights',
      '(x: float32[2, 3, 4]) -> (y)\ns = MatMul(x, float32[2, 4, 5])\np = Softmax(s)\nv = Relu(x)\nt = Reshape(v, int64[3] {2, -1, 4})\nc = Concat(t, t) {axis: 1}\nd = Slice(c, int64[1] {0}, int64[1] {5}, int64[1] {1})\ny = MatMul(p, d)',
      'the keys are weights',
    ],
    [
      'soft assignment to a table',
      '(x: float32[2, 3, 4], k: float32[2, 4, 5]) -> (y)\ns = MatMul(x, k)\np = Softmax(s)\ny = MatMul(p, float32[2, 5, 6])',
      'the values are weights',
    ],
    [
      'pooling by learned queries, in a view and repeated',
      `(k: float32[2, 5, 4]) -> (y)
w = float32[1, 3, 4]
q = Expand(w, int64[3] {2, 3, 4})
t = Transpose(k) {perm: [0, 2, 1]}
s = MatMul(q, t)
p = Softmax(s)
y = MatMul(p, k)`,
      'the queries are weights: it pools',
    ],
    [
      'keys that all sequences share',
      '(q: float32[2, 3, 4], k: float32[4, 5], v: float32[2, 5, 4]) -> (y)\ns = MatMul(q, k)\np = Softmax(s)\ny = MatMul(p, v)',
      'the keys have not as many axes as the scores',
    ],
    [
      'values of more sequences than there are scores',
      '(q: float32[1, 3, 4], k: float32[1, 4, 5], v: float32[2, 5, 4]) -> (y)\ns = MatMul(q, k)\np = Softmax(s)\ny = MatMul(p, v)',
      'queries and values are not known to be of as many sequences',
    ],
    [
      'a size that only runs know',
      '(q: float32[2, 3, size], k: float32[2, size, 5], v: float32[2, 5, 4]) -> (y)\ns = MatMul(q, k)\np = Softmax(s)\ny = MatMul(p, v)',
      'the size of the queries is not known',
    ],
    [
      'heads and sequences in one axis, with a mask for each head',
      `(x: float32[2, 3, 8], m: float32[4, 3, 3]) -> (y)
a = Reshape(x, int64[4] {2, 3, 2, 4})
b = Transpose(a) {perm: [0, 2, 1, 3]}
q = Reshape(b, int64[3] {4, 3, 4})
t = Transpose(q) {perm: [0, 2, 1]}
s = MatMul(q, t)
c = Add(s, m)
p = Softmax(c)
y = MatMul(p, q)`,
      'sequences and heads are one axis',
    ],
    [
      'heads and sequences in one axis behind a rotary embedding',
      `(x: float32[2, 3, 8], cos: float32[3, 4], sin: float32[3, 4]) -> (y)
a = Reshape(x, int64[4] {2, 3, 2, 4})
b = Transpose(a) {perm: [0, 2, 1, 3]}
c = Mul(cos, b)
d, e = Split(b) {axis: 3, num_outputs: 2}
f = Neg(e)
g = Concat(f, d) {axis: 3}
h = Mul(sin, g)
i = Add(h, c)
q = Reshape(i, int64[3] {4, 3, 4})
t = Transpose(q) {perm: [0, 2, 1]}
s = MatMul(q, t)
p = Softmax(s)
y = MatMul(p, q)`,
      'sequences and heads are one axis',
    ],
    [
      'a mask of keys before queries',
      `(f: float32[2, 4, 9], g: float32[2, 4, 5], h: float32[2, 6, 9], m: float32[9, 5]) -> (y)
k = Transpose(f) {perm: [0, 2, 1]}
s = MatMul(k, g)
a = Add(s, m)
p = Softmax(a) {axis: 1}
y = MatMul(h, p)`,
      'the mask has keys before queries',
    ],
    [
      'a mask of more sequences than the scores',
      '(q: float32[1, 3, 4], k: float32[1, 4, 5], v: float32[1, 5, 4], m: float32[2, 3, 5]) -> (y)\ns = MatMul(q, k)\na = Add(s, m)\np = Softmax(a)\ny = MatMul(p, v)',
      'the mask is of more sequences than the scores',
    ],
    ['scores times a negative number', `${border()}\n${body('a = Mul(s, float32 -0.5)', 'a')}`, 'the scores are scaled by -0.5'],
    [
      'scores replaced by a number that weighs something',
      `${border(', m: bool[batch, 1, keys]')}\n${body('a = Where(m, s, float32 -2.0)', 'a')}`,
      'scores are replaced by -2',
    ],
    [
      'weights that others read',
      `${border().replace('(y)', '(y, p)')}\n${body('')}`,
      'the result of Softmax is also an output of the graph',
    ],
  ]
  for (const [title, graph, sentence] of leaves) it(`leaves ${title}`, () => checkRejects(liftSingleHeadAttention, graph, sentence))

  it('says nothing of attention with heads', () =>
    checkLeaves(
      liftSingleHeadAttention,
      '(q: float32[2, 4, 3, 8], k: float32[2, 4, 8, 5], v: float32[2, 4, 5, 8]) -> (y)\ns = MatMul(q, k)\np = Softmax(s)\ny = MatMul(p, v)',
    ))

  it('alone tells of places without heads, and lift-merged-attention alone of those with', () => {
    const told = (text: string) => {
      const model = modelOf(text)
      inferShapes(model)
      return nearMisses(model, [liftMergedAttention, liftSingleHeadAttention]).map(({ rule, reason }) => `${rule}: ${reason}`)
    }
    expect(told('(x: float32[2, 5, 8]) -> (y)\ns = MatMul(x, float32[8, 4])\np = Softmax(s)\ny = MatMul(p, float32[4, 8])')).toEqual([
      'lift-single-head-attention: the keys are weights: it chooses among classes or experts',
    ])
    expect(
      told(`(x: float32[2, 3, 8], m: float32[4, 3, 3]) -> (y)
a = Reshape(x, int64[4] {2, 3, 2, 4})
b = Transpose(a) {perm: [0, 2, 1, 3]}
q = Reshape(b, int64[3] {4, 3, 4})
t = Transpose(q) {perm: [0, 2, 1]}
s = MatMul(q, t)
c = Add(s, m)
p = Softmax(c)
y = MatMul(p, q)`),
    ).toEqual(['lift-merged-attention: the mask differs from head to head or from sequence to sequence'])
  })
})
