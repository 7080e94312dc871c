import { casesOf, type KernelCase, narrowFloats, type Template } from './case.ts'

const rows = '(x: T[2, 4, 8]) -> (y)'
const qkv = '(q: T[2, 4, 8], k: T[2, 4, 8], v: T[2, 4, 8]) -> (y)'
const ms = 'com.microsoft'
/** Two heads of size 8, which rotary kernels of the runtime ask for as the least. */
const wide = '(q: T[2, 4, 16], k: T[2, 4, 8], v: T[2, 4, 8]) -> (y)'
const lengths = 'l = int32[2] {3, 3}\nt = int32[] {4}'

const activations: readonly Template[] = [
  { op: `${ms}.BiasGelu`, types: narrowFloats, text: `${rows}\nb = T[8]\ny = ${ms}.BiasGelu(x, b)` },
  { op: `${ms}.FastGelu`, types: narrowFloats, text: `${rows}\nb = T[8]\ny = ${ms}.FastGelu(x, b)` },
  { op: `${ms}.QuickGelu`, types: narrowFloats, text: `${rows}\ny = ${ms}.QuickGelu(x)` },
  { op: `${ms}.Gelu`, types: narrowFloats, text: `${rows}\ny = ${ms}.Gelu(x)` },
  {
    op: `${ms}.BiasAdd`,
    types: narrowFloats,
    text: '(x: T[2, 4, 320], z: T[2, 4, 320]) -> (y)\nb = T[320]\ny = com.microsoft.BiasAdd(x, b, z)',
  },
  { op: `${ms}.BiasSplitGelu`, types: narrowFloats, text: '(x: T[2, 4, 2560]) -> (y)\nb = T[2560]\ny = com.microsoft.BiasSplitGelu(x, b)' },
  {
    op: `${ms}.BiasSoftmax`,
    types: narrowFloats,
    text: '(x: T[2, 2, 4, 4], m: T[2, 1, 1, 4]) -> (y)\ny = com.microsoft.BiasSoftmax(x, m) {axis: 1, is_inner_broadcast: 1}',
  },
  { op: `${ms}.GemmFastGelu`, types: narrowFloats, text: `${rows}\nw = T[8, 6]\ny = ${ms}.GemmFastGelu(x, w)` },
]

const norms: readonly Template[] = [
  {
    op: `${ms}.SkipLayerNormalization`,
    types: narrowFloats,
    text: `${rows}\ng = T[8]\nb = T[8]\ny = ${ms}.SkipLayerNormalization(x, x, g, b)`,
  },
  {
    op: `${ms}.SkipLayerNormalization`,
    types: ['float32'],
    special: 'with bias and sum',
    text: `${rows}\ng = T[8]\nb = T[8]\nc = T[8]\ny, _, _, s = ${ms}.SkipLayerNormalization(x, x, g, b, c)`,
  },
  {
    op: `${ms}.SkipSimplifiedLayerNormalization`,
    types: narrowFloats,
    text: `${rows}\ng = T[8]\ny = ${ms}.SkipSimplifiedLayerNormalization(x, x, g)`,
  },
  {
    op: `${ms}.EmbedLayerNormalization`,
    types: narrowFloats,
    text: `(i: int32[2, 4], s: int32[2, 4]) -> (y)\nw = T[10, 8]\np = T[6, 8]\nu = T[4, 8]\ng = T[8]\nb = T[8]\ny, _ = ${ms}.EmbedLayerNormalization(i, s, w, p, u, g, b)`,
  },
  {
    op: `${ms}.GroupNorm`,
    types: narrowFloats,
    text: `(x: T[1, 4, 4, 320]) -> (y)\ng = float32[320]\nb = float32[320]\ny = ${ms}.GroupNorm(x, g, b) {groups: 32, activation: 0}`,
  },
]

const attentions: readonly Template[] = [
  {
    op: 'Attention',
    types: narrowFloats,
    opset: 23,
    text: '(q: T[2, 2, 4, 8], k: T[2, 2, 4, 8], v: T[2, 2, 4, 8]) -> (y)\ny = Attention(q, k, v)',
  },
  {
    op: 'Attention',
    types: narrowFloats,
    opset: 23,
    special: '3-D',
    text: `${qkv}\ny = Attention(q, k, v) {q_num_heads: 2, kv_num_heads: 2}`,
  },
  {
    op: 'Attention',
    types: narrowFloats,
    opset: 24,
    special: 'opset 24',
    text: `${qkv}\ny = Attention(q, k, v) {q_num_heads: 2, kv_num_heads: 2}`,
  },
  {
    op: 'Attention',
    types: narrowFloats,
    opset: 23,
    special: 'grouped with mask',
    text: '(q: T[2, 4, 4, 8], k: T[2, 2, 4, 8], v: T[2, 2, 4, 8], m: T[4, 4]) -> (y)\ny = Attention(q, k, v, m)',
  },
  {
    op: 'Attention',
    types: narrowFloats,
    opset: 23,
    special: 'causal with past',
    text: '(q: T[2, 2, 4, 8], k: T[2, 2, 4, 8], v: T[2, 2, 4, 8], p: T[2, 2, 3, 8], r: T[2, 2, 3, 8]) -> (y, a, b)\ny, a, b = Attention(q, k, v, _, p, r) {is_causal: 1}',
  },
  {
    op: 'RotaryEmbedding',
    types: narrowFloats,
    opset: 23,
    text: '(x: T[2, 2, 4, 8]) -> (y)\nc = T[4, 4]\ns = T[4, 4]\ni = int64[2, 4] {0, 1, 2, 3, 0, 1, 2, 3}\ny = RotaryEmbedding(x, c, s, i)',
  },
  {
    op: `${ms}.RotaryEmbedding`,
    types: narrowFloats,
    text: `(x: T[2, 2, 4, 8]) -> (y)\ni = int64[2, 4] {0, 1, 2, 3, 0, 1, 2, 3}\nc = T[4, 4]\ns = T[4, 4]\ny = ${ms}.RotaryEmbedding(x, i, c, s)`,
  },
  { op: `${ms}.Attention`, types: narrowFloats, text: `${rows}\nw = T[8, 24]\nb = T[24]\ny = ${ms}.Attention(x, w, b) {num_heads: 2}` },
  {
    op: `${ms}.Attention`,
    types: narrowFloats,
    special: 'with mask',
    text: `(x: T[2, 4, 8], m: int32[2, 4]) -> (y)\nw = T[8, 24]\nb = T[24]\ny = ${ms}.Attention(x, w, b, m) {num_heads: 2}`,
  },
  {
    op: `${ms}.Attention`,
    types: narrowFloats,
    special: 'with bias',
    text: `(x: T[2, 4, 8], a: T[2, 2, 4, 4]) -> (y)\nw = T[8, 24]\nb = T[24]\ny = ${ms}.Attention(x, w, b, _, _, a) {num_heads: 2}`,
  },
  {
    op: `${ms}.Attention`,
    types: narrowFloats,
    special: 'causal with past',
    text: `(x: T[2, 4, 8], p: T[2, 2, 2, 3, 4]) -> (y, r)\nw = T[8, 24]\nb = T[24]\ny, r = ${ms}.Attention(x, w, b, _, p) {num_heads: 2, unidirectional: 1}`,
  },
  { op: `${ms}.MultiHeadAttention`, types: narrowFloats, text: `${qkv}\ny = ${ms}.MultiHeadAttention(q, k, v) {num_heads: 2}` },
  {
    op: `${ms}.MultiHeadAttention`,
    types: narrowFloats,
    special: 'with bias',
    text: `(q: T[2, 4, 8], k: T[2, 4, 8], v: T[2, 4, 8], a: T[2, 2, 4, 4]) -> (y)\nb = T[24]\ny = ${ms}.MultiHeadAttention(q, k, v, b, _, a) {num_heads: 2}`,
  },
  {
    op: `${ms}.MultiHeadAttention`,
    types: narrowFloats,
    special: 'causal with past',
    text: `(q: T[2, 4, 8], k: T[2, 4, 8], v: T[2, 4, 8], p: T[2, 2, 3, 4], r: T[2, 2, 3, 4]) -> (y, c, d)\ny, c, d = ${ms}.MultiHeadAttention(q, k, v, _, _, _, p, r) {num_heads: 2, unidirectional: 1}`,
  },
  {
    op: `${ms}.MultiHeadAttention`,
    types: narrowFloats,
    special: 'packed QKV',
    text: `(q: T[2, 4, 2, 3, 4]) -> (y)\ny = ${ms}.MultiHeadAttention(q) {num_heads: 2}`,
  },
  {
    op: `${ms}.MultiHeadAttention`,
    types: narrowFloats,
    special: 'packed KV',
    text: `(q: T[2, 4, 8], k: T[2, 4, 2, 2, 4]) -> (y)\ny = ${ms}.MultiHeadAttention(q, k) {num_heads: 2}`,
  },
  {
    op: `${ms}.GroupQueryAttention`,
    types: narrowFloats,
    text: `${wide}\n${lengths}\ny, _, _ = ${ms}.GroupQueryAttention(q, k, v, _, _, l, t) {num_heads: 2, kv_num_heads: 1}`,
  },
  {
    op: `${ms}.GroupQueryAttention`,
    types: narrowFloats,
    special: 'with past',
    text: `(q: T[2, 1, 16], k: T[2, 1, 8], v: T[2, 1, 8], p: T[2, 1, 3, 8], r: T[2, 1, 3, 8]) -> (y, c, d)\n${lengths}\ny, c, d = ${ms}.GroupQueryAttention(q, k, v, p, r, l, t) {num_heads: 2, kv_num_heads: 1}`,
  },
  {
    op: `${ms}.GroupQueryAttention`,
    types: narrowFloats,
    special: 'packed QKV',
    text: `(q: T[2, 4, 32]) -> (y)\n${lengths}\ny, _, _ = ${ms}.GroupQueryAttention(q, _, _, _, _, l, t) {num_heads: 2, kv_num_heads: 1}`,
  },
  {
    op: `${ms}.GroupQueryAttention`,
    types: narrowFloats,
    special: 'with rotary',
    text: `(q: T[2, 4, 32], k: T[2, 4, 16], v: T[2, 4, 16]) -> (y)\n${lengths}\nc = T[4, 8]\ns = T[4, 8]\ny, _, _ = ${ms}.GroupQueryAttention(q, k, v, _, _, l, t, c, s) {num_heads: 2, kv_num_heads: 1, do_rotary: 1}`,
  },
  {
    op: `${ms}.GroupQueryAttention`,
    types: narrowFloats,
    special: 'with attention bias',
    text: `(q: T[2, 4, 16], k: T[2, 4, 8], v: T[2, 4, 8], a: T[2, 1, 4, 4]) -> (y)\n${lengths}\ny, _, _ = ${ms}.GroupQueryAttention(q, k, v, _, _, l, t, _, _, _, a) {num_heads: 2, kv_num_heads: 1}`,
  },
]

export const transformer: readonly KernelCase[] = [...activations, ...norms, ...attentions].flatMap(casesOf)
