import { describe, it } from 'vitest'
import { liftAttention } from '../../../../core/rules/attention/lift-attention.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

const heads = (name: string, perm: string) => `${name}r = Reshape(${name}, int64[4] {0, 0, 2, 4})
${name}h = Transpose(${name}r) {perm: ${perm}}`

const border = '(q: float32[batch, seq, 8], k: float32[batch, seq, 8], v: float32[batch, seq, 8], m: float32[batch, 1, 1, seq]) -> (y)'

describe('lift-attention', () => {
  it('reads keys turned at once, a factor and a mask', () =>
    checkRule(liftAttention, {
      before: `${border}
${heads('q', '[0, 2, 1, 3]')}
${heads('k', '[0, 2, 3, 1]')}
${heads('v', '[0, 2, 1, 3]')}
s = MatMul(qh, kh)
c = Mul(s, float32 0.5)
a = Add(c, m)
p = Softmax(a) {axis: -1}
o = MatMul(p, vh)
y = Transpose(o) {perm: [0, 2, 1, 3]}`,
      after: `a = lathe.Attention(q, k, v, m) {heads: 2, kv_heads: 2, scale: 0.5}
y = Reshape(a, int64[4] {0, 0, 2, 4})`,
    }))

  it('reads a divisor, keys turned later, and no mask', () =>
    checkRule(liftAttention, {
      before: `(q: float32[batch, seq, 8], k: float32[batch, seq, 8], v: float32[batch, seq, 8]) -> (y)
${heads('q', '[0, 2, 1, 3]')}
${heads('k', '[0, 2, 1, 3]')}
kt = Transpose(kh) {perm: [0, 1, 3, 2]}
${heads('v', '[0, 2, 1, 3]')}
s = MatMul(qh, kt)
c = Div(s, float32 2.0)
p = Softmax(c) {axis: 3}
o = MatMul(p, vh)
y = Transpose(o) {perm: [0, 2, 1, 3]}`,
      after: `a = lathe.Attention(q, k, v) {heads: 2, kv_heads: 2, scale: 0.5}
y = Reshape(a, int64[4] {0, 0, 2, 4})`,
    }))

  it('reads scale on queries and keys, as fused attention is exported', () =>
    checkRule(liftAttention, {
      before: `(q: float32[batch, seq, 8], k: float32[batch, seq, 8], v: float32[batch, seq, 8]) -> (y)
${heads('q', '[0, 2, 1, 3]')}
qs = Mul(qh, float32 0.5)
${heads('k', '[0, 2, 3, 1]')}
ks = Mul(kh, float32 0.5)
${heads('v', '[0, 2, 1, 3]')}
s = MatMul(qs, ks)
p = Softmax(s) {axis: -1}
o = MatMul(p, vh)
y = Transpose(o) {perm: [0, 2, 1, 3]}`,
      after: `a = lathe.Attention(q, k, v) {heads: 2, kv_heads: 2, scale: 0.25}
y = Reshape(a, int64[4] {0, 0, 2, 4})`,
    }))

  it('reads key and value heads that are repeated for groups of query heads', () =>
    checkRule(liftAttention, {
      before: `(q: float32[2, 5, 16], k: float32[2, 5, 8], v: float32[2, 5, 8]) -> (y)
qr = Reshape(q, int64[4] {0, 0, 4, 4})
qh = Transpose(qr) {perm: [0, 2, 1, 3]}
${heads('k', '[0, 2, 1, 3]')}
ku = Unsqueeze(kh, int64[1] {2})
ke = Expand(ku, int64[5] {2, 2, 2, 5, 4})
kx = Reshape(ke, int64[4] {0, 4, -1, 4})
kt = Transpose(kx) {perm: [0, 1, 3, 2]}
${heads('v', '[0, 2, 1, 3]')}
vu = Unsqueeze(vh, int64[1] {2})
ve = Expand(vu, int64[5] {2, 2, 2, 5, 4})
vx = Reshape(ve, int64[4] {0, 4, -1, 4})
s = MatMul(qh, kt)
p = Softmax(s) {axis: -1}
o = MatMul(p, vx)
y = Transpose(o) {perm: [0, 2, 1, 3]}`,
      after: `a = lathe.Attention(q, k, v) {heads: 4, kv_heads: 2, scale: 1.0}
y = Reshape(a, int64[4] {0, 0, 4, 4})`,
    }))

  it('reads the one key and value head that all query heads share', () =>
    checkRule(liftAttention, {
      before: `(q: float32[2, 5, 16], k: float32[2, 5, 4], v: float32[2, 5, 4]) -> (y)
qr = Reshape(q, int64[4] {0, 0, 4, 4})
qh = Transpose(qr) {perm: [0, 2, 1, 3]}
kh = Reshape(k, int64[4] {0, 1, -1, 4})
ke = Expand(kh, int64[4] {1, 4, 1, 1})
kt = Transpose(ke) {perm: [0, 1, 3, 2]}
vh = Reshape(v, int64[4] {0, 1, -1, 4})
ve = Expand(vh, int64[4] {1, 4, 1, 1})
s = MatMul(qh, kt)
p = Softmax(s) {axis: -1}
o = MatMul(p, ve)
y = Transpose(o) {perm: [0, 2, 1, 3]}`,
      after: `a = lathe.Attention(q, k, v) {heads: 4, kv_heads: 1, scale: 1.0}
y = Reshape(a, int64[4] {0, 0, 4, 4})`,
    }))

  it('reads a sequence that comes first', () =>
    checkRule(liftAttention, {
      before: `(q: float32[5, batch, 8]) -> (y)
r = Reshape(q, int64[4] {0, 0, 2, 4})
h = Transpose(r) {perm: [1, 2, 0, 3]}
k = Transpose(r) {perm: [1, 2, 3, 0]}
s = MatMul(h, k)
p = Softmax(s)
c = MatMul(p, h)
y = Transpose(c) {perm: [2, 0, 1, 3]}`,
      after: `a = Transpose(q) {perm: [1, 0, 2]}
b = Transpose(q) {perm: [1, 0, 2]}
d = Transpose(q) {perm: [1, 0, 2]}
z = lathe.Attention(a, b, d) {heads: 2, kv_heads: 2, scale: 1.0}
t = Transpose(z) {perm: [1, 0, 2]}
y = Reshape(t, int64[4] {0, 0, 2, 4})`,
    }))

  it('makes the views that are missing', () =>
    checkRule(liftAttention, {
      before: `(q: float32[2, 2, 5, 4], k: float32[2, 2, 4, 5], v: float32[2, 2, 5, 4]) -> (y)
s = MatMul(q, k)
p = Softmax(s) {axis: -1}
o = MatMul(p, v)
y = Transpose(o) {perm: [0, 2, 1, 3]}`,
      after: `qt = Transpose(q) {perm: [0, 2, 1, 3]}
qs = Reshape(qt, int64[3] {0, 0, 8})
kt = Transpose(k) {perm: [0, 3, 1, 2]}
ks = Reshape(kt, int64[3] {0, 0, 8})
vt = Transpose(v) {perm: [0, 2, 1, 3]}
vs = Reshape(vt, int64[3] {0, 0, 8})
a = lathe.Attention(qs, ks, vs) {heads: 2, kv_heads: 2, scale: 1.0}
y = Reshape(a, int64[4] {0, 0, 2, 4})`,
    }))

  const own = '(q: float32[2, 5, 8], k: float32[2, 5, 8], v: float32[2, 5, 8], m: float32[2, 1, 1, 5], c: bool[1, 1, 5, 5]) -> (y)'
  const scores = `${heads('q', '[0, 2, 1, 3]')}
${heads('k', '[0, 2, 3, 1]')}
${heads('v', '[0, 2, 1, 3]')}
s = MatMul(qh, kh)`
  const context = `o = MatMul(p, vh)
y = Transpose(o) {perm: [0, 2, 1, 3]}`

  it('reads scores that are chosen and added to, in the order in which they are', () =>
    checkRule(liftAttention, {
      before: `${own}
${scores}
w = Where(c, s, float32 -10000.0)
a = Add(w, m)
p = Softmax(a) {axis: -1}
${context}`,
      after: `w = Where(c, float32 0.0, float32 -10000.0)
a = Add(w, m)
o = lathe.Attention(q, k, v, a) {heads: 2, kv_heads: 2, scale: 1.0}
y = Reshape(o, int64[4] {0, 0, 2, 4})`,
    }))

  it('reads what closes keys, and zeros for queries without an open one', () =>
    checkRule(liftAttention, {
      before: `${own.replace('c: bool[1, 1, 5, 5]', 'n: int64[5]')}
first = Equal(n, int64 7)
shut = Or(first, bool[5, 5] {1,1,1,1,1, 0,1,0,0,0, 0,0,0,0,0, 0,0,0,0,0, 0,0,0,0,0})
${scores}
w = Where(shut, float32 -inf, s)
soft = Softmax(w) {axis: -1}
nan = IsNaN(soft)
p = Where(nan, float32 0.0, soft)
${context}`,
      after: `first = Equal(n, int64 7)
shut = Or(first, bool[5, 5])
w = Where(shut, float32 -inf, float32 0.0)
o = lathe.Attention(q, k, v, w) {heads: 2, kv_heads: 2, safe: 1, scale: 1.0}
y = Reshape(o, int64[4] {0, 0, 2, 4})`,
    }))

  it('reads bounded scores', () =>
    checkRule(liftAttention, {
      before: `${own}
${scores}
f = Mul(s, float32 0.5)
d = Div(f, float32 20.0)
t = Tanh(d)
b = Mul(t, float32 20.0)
a = Add(b, m)
p = Softmax(a) {axis: -1}
${context}`,
      after: `o = lathe.Attention(q, k, v, m) {heads: 2, kv_heads: 2, scale: 0.5, softcap: 20.0}
y = Reshape(o, int64[4] {0, 0, 2, 4})`,
    }))

  const withPast =
    '(q: float32[batch, seq, 16], k: float32[batch, seq, 8], v: float32[batch, seq, 8], pk: float32[batch, 2, past, 4], pv: float32[batch, 2, past, 4]) -> (y, key, value)'
  const joined = (repeat: (name: string) => string) => `qr = Reshape(q, int64[4] {0, 0, 4, 4})
qh = Transpose(qr) {perm: [0, 2, 1, 3]}
${heads('k', '[0, 2, 1, 3]')}
${heads('v', '[0, 2, 1, 3]')}
key = Concat(pk, kh) {axis: 2}
value = Concat(pv, vh) {axis: -2}
${repeat('key')}
${repeat('value')}
kt = Transpose(keyx) {perm: [0, 1, 3, 2]}
s = MatMul(qh, kt)
p = Softmax(s) {axis: -1}
o = MatMul(p, valuex)
y = Transpose(o) {perm: [0, 2, 1, 3]}`
  const repeated = (name: string) => `${name}u = Unsqueeze(${name}, int64[1] {2})
${name}s = Shape(${name})
${name}b = Gather(${name}s, int64[1] {0})
${name}t = Gather(${name}s, int64[1] {2})
${name}e = Concat(${name}b, int64[2] {2, 2}, ${name}t, int64[1] {4}) {axis: 0}
${name}w = Expand(${name}u, ${name}e)
${name}d = Concat(${name}b, int64[1] {4}, ${name}t, int64[1] {4}) {axis: 0}
${name}x = Reshape(${name}w, ${name}d)`

  it.each([5, 0])('reads keys and values of the past, %i of them, and gives out all', (past) =>
    checkRule(liftAttention, {
      before: `${withPast}
${joined(repeated)}`,
      after: `a, key, value = lathe.Attention(q, k, v, _, pk, pv) {heads: 4, kv_heads: 2, scale: 1.0}
y = Reshape(a, int64[4] {0, 0, 4, 4})`,
      sizes: new Map([
        ['batch', 2],
        ['seq', 3],
        ['past', past],
      ]),
    }),
  )

  it('leaves a past alone that its mask is computed from', () =>
    checkRule(liftAttention, {
      before: `(q: float32[2, 3, 8], k: float32[2, 3, 8], v: float32[2, 3, 8], pk: float32[2, 2, 5, 4], pv: float32[2, 2, 5, 4]) -> (y)
${scores.replace('[0, 2, 3, 1]', '[0, 2, 1, 3]').replace('s = MatMul(qh, kh)', '')}
key = Concat(pk, kh) {axis: 2}
value = Concat(pv, vh) {axis: 2}
kt = Transpose(key) {perm: [0, 1, 3, 2]}
s = MatMul(qh, kt)
m = ReduceMean(key, int64[2] {1, 3}) {keepdims: 1}
mt = Transpose(m) {perm: [0, 3, 1, 2]}
a = Add(s, mt)
p = Softmax(a) {axis: -1}
o = MatMul(p, value)
y = Transpose(o) {perm: [0, 2, 1, 3]}`,
      after: `kr = Reshape(k, int64[4] {0, 0, 2, 4})
kh = Transpose(kr) {perm: [0, 2, 1, 3]}
key = Concat(pk, kh) {axis: 2}
kb = Transpose(key) {perm: [0, 2, 1, 3]}
ks = Reshape(kb, int64[3] {0, 0, 8})
vr = Reshape(v, int64[4] {0, 0, 2, 4})
vh = Transpose(vr) {perm: [0, 2, 1, 3]}
value = Concat(pv, vh) {axis: 2}
vb = Transpose(value) {perm: [0, 2, 1, 3]}
vs = Reshape(vb, int64[3] {0, 0, 8})
m = ReduceMean(key, int64[2] {1, 3}) {keepdims: 1}
mt = Transpose(m) {perm: [0, 3, 1, 2]}
a = lathe.Attention(q, ks, vs, mt) {heads: 2, kv_heads: 2, scale: 1.0}
y = Reshape(a, int64[4] {0, 0, 2, 4})`,
    }))

  it('leaves scores that are replaced by what still weighs something', () =>
    checkRejects(
      liftAttention,
      `${own}
${scores}
w = Where(c, s, float32 -2.0)
p = Softmax(w) {axis: -1}
${context}`,
      'replaced by -2, which still weighs something',
    ))

  it.each(['-0.5', '0.0'])('leaves scores times %s, which no kernel takes', (factor) =>
    checkRejects(
      liftAttention,
      `(q: float32[2, 2, 5, 4], k: float32[2, 2, 4, 5], v: float32[2, 2, 5, 4]) -> (y)
s = MatMul(q, k)
c = Mul(s, float32 ${factor})
p = Softmax(c) {axis: -1}
o = MatMul(p, v)
y = Transpose(o) {perm: [0, 2, 1, 3]}`,
      `the scores are scaled by ${Number(factor)}`,
    ),
  )

  it('leaves a Softmax over queries', () =>
    checkRejects(
      liftAttention,
      `(q: float32[2, 2, 5, 4], k: float32[2, 2, 4, 5], v: float32[2, 2, 5, 4]) -> (y)
s = MatMul(q, k)
p = Softmax(s) {axis: 2}
o = MatMul(p, v)
y = Transpose(o) {perm: [0, 2, 1, 3]}`,
      'the Softmax does not run over the keys',
    ))
})
