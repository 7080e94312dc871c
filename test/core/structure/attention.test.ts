import { describe, expect, it } from 'vitest'
import { attentionsOf } from '../../../core/structure/attention.ts'
import { canonicalForm } from '../../../core/structure/canonical-form.ts'
import { modelOf } from '../../support/graph.ts'

/** The attentions of a graph, with the ids of their projections: the position of the node in the graph. */
const found = (text: string) =>
  attentionsOf(canonicalForm(modelOf(text))).map(({ query, key, value, output, heads, kvHeads, headSize }) => ({
    ...{ heads, kvHeads, headSize },
    projections: [query, key, value, output].map((node) => node && Number(node.id)),
  }))

const image = '(x: float32[batch, 8, 5, 7]) -> (y: float32[batch, 8, 5, 7])'

describe('attention of one head', () => {
  it('over the places of an image, as the autoencoders of latent diffusion have it', () =>
    expect(
      found(`opset 17
${image}
q = Conv(x, float32[8, 8, 1, 1], float32[8])
k = Conv(x, float32[8, 8, 1, 1], float32[8])
v = Conv(x, float32[8, 8, 1, 1], float32[8])
qr = Reshape(q, int64[3] {0, 8, 35})
qt = Transpose(qr) {perm: [0, 2, 1]}
kr = Reshape(k, int64[3] {0, 8, 35})
w = MatMul(qt, kr)
ws = Mul(w, float32 0.35355339)
p = Softmax(ws) {axis: 2}
vr = Reshape(v, int64[3] {0, 8, 35})
pt = Transpose(p) {perm: [0, 2, 1]}
h = MatMul(vr, pt)
hr = Reshape(h, int64[4] {0, 8, 5, 7})
o = Conv(hr, float32[8, 8, 1, 1], float32[8])
y = Add(x, o)`),
    ).toEqual([{ heads: 1, kvHeads: 1, headSize: 8, projections: [0, 1, 2, 13] }]))

  it('of self-attention in generators, whose queries are narrower than their values and which has no output projection', () =>
    expect(
      found(`opset 17
${image}
q = Conv(x, float32[2, 8, 1, 1])
k = Conv(x, float32[2, 8, 1, 1])
v = Conv(x, float32[8, 8, 1, 1])
qr = Reshape(q, int64[3] {0, 2, -1})
kr = Reshape(k, int64[3] {0, 2, -1})
vr = Reshape(v, int64[3] {0, 8, -1})
kt = Transpose(kr) {perm: [0, 2, 1]}
s = MatMul(kt, qr)
p = Softmax(s) {axis: 1}
h = MatMul(vr, p)
hr = Reshape(h, int64[4] {0, 8, 5, 7})
g = Mul(hr, float32[1])
y = Add(g, x)`),
    ).toEqual([{ heads: 1, kvHeads: 1, headSize: 2, projections: [0, 1, 2, null] }]))

  it('of non-local blocks, whose keys and values are pooled', () =>
    expect(
      found(`opset 17
(x: float32[batch, 8, 6, 8]) -> (y)
v = Conv(x, float32[4, 8, 1, 1])
vp = MaxPool(v) {kernel_shape: [2, 2], strides: [2, 2]}
vr = Reshape(vp, int64[3] {0, 4, -1})
vt = Transpose(vr) {perm: [0, 2, 1]}
q = Conv(x, float32[4, 8, 1, 1])
qr = Reshape(q, int64[3] {0, 4, -1})
qt = Transpose(qr) {perm: [0, 2, 1]}
k = Conv(x, float32[4, 8, 1, 1])
kp = MaxPool(k) {kernel_shape: [2, 2], strides: [2, 2]}
kr = Reshape(kp, int64[3] {0, 4, -1})
f = MatMul(qt, kr)
p = Softmax(f) {axis: -1}
h = MatMul(p, vt)
ht = Transpose(h) {perm: [0, 2, 1]}
hr = Reshape(ht, int64[4] {0, 4, 6, 8})
o = Conv(hr, float32[8, 4, 1, 1])
y = Add(o, x)`),
    ).toEqual([{ heads: 1, kvHeads: 1, headSize: 4, projections: [4, 7, 0, 15] }]))

  it("of torch's MultiheadAttention, with the sequence first and its views of a single head", () =>
    expect(
      found(`opset 17
(x: float32[5, batch, 8], z: float32[7, batch, 8]) -> (y: float32[5, batch, 8])
q = MatMul(x, float32[8, 8])
k = MatMul(z, float32[8, 8])
v = MatMul(z, float32[8, 8])
qr = Reshape(q, int64[3] {5, -1, 8})
qt = Transpose(qr) {perm: [1, 0, 2]}
kr = Reshape(k, int64[3] {7, -1, 8})
vr = Reshape(v, int64[3] {7, -1, 8})
vt = Transpose(vr) {perm: [1, 0, 2]}
kt = Transpose(kr) {perm: [1, 2, 0]}
qs = Mul(qt, float32 0.35355339)
s = MatMul(qs, kt)
p = Softmax(s) {axis: -1}
c = MatMul(p, vt)
ct = Transpose(c) {perm: [1, 0, 2]}
cr = Reshape(ct, int64[2] {-1, 8})
o = Gemm(cr, float32[8, 8], float32[8]) {transB: 1}
y = Reshape(o, int64[3] {5, -1, 8})`),
    ).toEqual([{ heads: 1, kvHeads: 1, headSize: 8, projections: [0, 1, 2, 15] }]))

  it('of scaled dot products with an axis of one head', () =>
    expect(
      found(`opset 17
(x: float32[batch, seq, 8]) -> (y: float32[batch, seq, 8])
q = MatMul(x, float32[8, 8])
k = MatMul(x, float32[8, 8])
v = MatMul(x, float32[8, 8])
qr = Reshape(q, int64[4] {0, -1, 1, 8})
qt = Transpose(qr) {perm: [0, 2, 1, 3]}
kr = Reshape(k, int64[4] {0, -1, 1, 8})
kt = Transpose(kr) {perm: [0, 2, 3, 1]}
vr = Reshape(v, int64[4] {0, -1, 1, 8})
vt = Transpose(vr) {perm: [0, 2, 1, 3]}
qs = Mul(qt, float32 0.59460354)
ks = Mul(kt, float32 0.59460354)
s = MatMul(qs, ks)
p = Softmax(s) {axis: -1}
c = MatMul(p, vt)
ct = Transpose(c) {perm: [0, 2, 1, 3]}
cr = Reshape(ct, int64[3] {0, 0, 8})
y = MatMul(cr, float32[8, 8])`),
    ).toEqual([{ heads: 1, kvHeads: 1, headSize: 8, projections: [0, 1, 2, 16] }]))

  it('is not seen in soft assignments to weights and in gates of experts', () => {
    expect(
      found('(x: float32[2, 5, 8]) -> (y)\ns = MatMul(x, float32[8, 16])\np = Softmax(s) {axis: -1}\ny = MatMul(p, float32[16, 8])'),
    ).toEqual([])
    expect(
      found(`(x: float32[5, 8]) -> (y)
g = MatMul(x, float32[8, 4])
p = Softmax(g) {axis: -1}
e = MatMul(x, float32[8, 8])
f = Reshape(e, int64[2] {4, -1})
y = MatMul(p, f)`),
    ).toEqual([])
  })
})

describe('attention of several heads', () => {
  const heads = (name: string, count: number, norm = '') => `${name}p = MatMul(x, float32[8, ${count * 4}])
${name}r = Reshape(${name}p, int64[4] {0, 0, ${count}, 4})
${norm === '' ? '' : `${name}n = ${norm.replace('_', `${name}r`)}\n`}${name}h = Transpose(${norm === '' ? `${name}r` : `${name}n`}) {perm: [0, 2, 1, 3]}`

  it('whose queries and keys are normalized head by head', () =>
    expect(
      found(`opset 23
(x: float32[n, s, 8]) -> (y)
${heads('q', 2, 'RMSNormalization(_, float32[4]) {axis: -1}')}
${heads('k', 2, 'RMSNormalization(_, float32[4]) {axis: -1}')}
${heads('v', 2)}
kt = Transpose(kh) {perm: [0, 1, 3, 2]}
m = MatMul(qh, kt)
p = Softmax(m)
c = MatMul(p, vh)
t = Transpose(c) {perm: [0, 2, 1, 3]}
r = Reshape(t, int64[3] {0, 0, 8})
y = MatMul(r, float32[8, 8])`),
    ).toEqual([{ heads: 2, kvHeads: 2, headSize: 4, projections: [0, 4, 8, 17] }]))

  it('as the standard operator takes them, with key heads that groups share', () =>
    expect(
      found(`opset 23
(x: float32[n, s, 8], c: float32[n, 2, t, 4]) -> (y)
${heads('q', 4)}
${heads('k', 2)}
${heads('v', 2)}
kk = Concat(c, kh) {axis: 2}
a = Attention(qh, kk, vh)
t = Transpose(a) {perm: [0, 2, 1, 3]}
r = Reshape(t, int64[3] {0, 0, 16})
y = MatMul(r, float32[16, 8])`),
    ).toEqual([{ heads: 4, kvHeads: 2, headSize: 4, projections: [0, 3, 6, 13] }]))
})

describe('projections', () => {
  const scores = (width: number) => `kt = Transpose(k) {perm: [0, 1, 3, 2]}
s = MatMul(q, kt)
t = Mul(s, float32 0.5)
p = Softmax(t) {axis: -1}
h = MatMul(p, v)
ht = Transpose(h) {perm: [0, 2, 1, 3]}
hr = Reshape(ht, int64[3] {0, 0, ${width}})
y = MatMul(hr, float32[${width}, 8])`
  const tokens = '(x: float32[batch, 6, 8]) -> (y)'

  it('are the packed one that parts are picked from for each head, as in BLOOM', () => {
    const [unit] = found(`opset 17
${tokens}
m = MatMul(x, float32[8, 24])
r = Reshape(m, int64[5] {0, 0, 2, 3, 4})
a = Gather(r, int64 0) {axis: 3}
b = Gather(r, int64 1) {axis: 3}
c = Gather(r, int64 2) {axis: 3}
q = Transpose(a) {perm: [0, 2, 1, 3]}
k = Transpose(b) {perm: [0, 2, 1, 3]}
v = Transpose(c) {perm: [0, 2, 1, 3]}
${scores(8)}`)
    expect(unit?.projections).toEqual([0, 0, 0, 15])
  })

  it('are those whose weights are cut from packed ones', () => {
    const part = (name: string, from: number) => `w${name} = Slice(w, int64[1] {${from}}, int64[1] {${from + 8}}, int64[1] {0})
u${name} = Transpose(w${name}) {perm: [1, 0]}
m${name} = MatMul(x, u${name})
r${name} = Reshape(m${name}, int64[4] {0, 0, 2, 4})
${name} = Transpose(r${name}) {perm: [0, 2, 1, 3]}`
    const [unit] = found(`opset 17
${tokens}
w = Identity(float32[24, 8])
${part('q', 0)}
${part('k', 8)}
${part('v', 16)}
${scores(8)}`)
    expect(unit?.projections).toEqual([3, 8, 13, 23])
  })
})
