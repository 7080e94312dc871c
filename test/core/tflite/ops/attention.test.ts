import { checkLowerings } from '../../../support/check-lowering.ts'

const three = '(q: float32[2, 5, 8], k: float32[2, 7, 8], v: float32[2, 7, 8]) -> (y: float32[2, 5, 8])'

checkLowerings({
  'decomposed attention with a mask': `(q: float32[2, 4, 5, 8], k: float32[2, 4, 5, 8], v: float32[2, 4, 5, 8], m: bool[2, 5]) -> (y: float32[2, 4, 5, 8])
t = Transpose(k) {perm: [0, 1, 3, 2]}
s = MatMul(q, t)
a = int64[2] {1, 2}
w = Unsqueeze(m, a)
low = float32[] {-10000}
r = Where(w, s, low)
p = Softmax(r) {axis: -1}
y = MatMul(p, v)`,
  'heads out of one projection': `${three}
c = int64[4] {0, 0, 2, 4}
qh = Reshape(q, c)
kh = Reshape(k, c)
vh = Reshape(v, c)
qt = Transpose(qh) {perm: [0, 2, 1, 3]}
kt = Transpose(kh) {perm: [0, 2, 3, 1]}
vt = Transpose(vh) {perm: [0, 2, 1, 3]}
s = MatMul(qt, kt)
p = Softmax(s)
o = MatMul(p, vt)
b = Transpose(o) {perm: [0, 2, 1, 3]}
f = int64[3] {0, 0, 8}
y = Reshape(b, f)`,
})
