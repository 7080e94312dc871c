import { describe, it } from 'vitest'
import { liftRotary } from '../../../../core/rules/attention/lift-rotary.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

const turned = (cut: number) => `(x: float32[2, 5, 8], a: float32[1, 5, 2]) -> (y)
r = Reshape(x, int64[4] {0, 0, 2, 4})
h = Transpose(r) {perm: [0, 2, 1, 3]}
aa = Concat(a, a) {axis: -1}
c = Cos(aa)
cu = Unsqueeze(c, int64[1] {1})
s = Sin(aa)
su = Unsqueeze(s, int64[1] {1})
p = Mul(h, cu)
hi = Slice(h, int64[1] {${cut}}, int64[1] {9223372036854775807}, int64[1] {3}, int64[1] {1})
n = Neg(hi)
lo = Slice(h, int64[1] {0}, int64[1] {${cut}}, int64[1] {3}, int64[1] {1})
t = Concat(n, lo) {axis: -1}
q = Mul(t, su)
y = Add(p, q)`

describe('lift-rotary', () => {
  it('reads both halves of a head turned by the same angles', () =>
    checkRule(liftRotary, {
      before: turned(2),
      after: `co = Cos(a)
d = int64[2] {-1, 2}
ct = Reshape(co, d)
si = Sin(a)
st = Reshape(si, d)
z = lathe.Rotary(x, ct, st) {heads: 2}
zr = Reshape(z, int64[4] {0, 0, 2, 4})
y = Transpose(zr) {perm: [0, 2, 1, 3]}`,
    }))

  it('reads halves that are cut without a step, as those of a chunk are', () =>
    checkRule(liftRotary, {
      before: turned(2).replaceAll('int64[1] {3}, int64[1] {1})', 'int64[1] {3})'),
      after: `co = Cos(a)
d = int64[2] {-1, 2}
ct = Reshape(co, d)
si = Sin(a)
st = Reshape(si, d)
z = lathe.Rotary(x, ct, st) {heads: 2}
zr = Reshape(z, int64[4] {0, 0, 2, 4})
y = Transpose(zr) {perm: [0, 2, 1, 3]}`,
    }))

  it('makes the views that are missing, behind a normalization of each head', () =>
    checkRule(liftRotary, {
      before: turned(2)
        .replace('x: float32[2, 5, 8]', 'h: float32[2, 2, 5, 4]')
        .replace(/r = Reshape.*\n/, '')
        .replace(/h = Transpose.*\n/, ''),
      after: `t = Transpose(h) {perm: [0, 2, 1, 3]}
x = Reshape(t, int64[3] {0, 0, 8})
co = Cos(a)
d = int64[2] {-1, 2}
ct = Reshape(co, d)
si = Sin(a)
st = Reshape(si, d)
z = lathe.Rotary(x, ct, st) {heads: 2}
zr = Reshape(z, int64[4] {0, 0, 2, 4})
y = Transpose(zr) {perm: [0, 2, 1, 3]}`,
    }))

  it('keeps angles of each sequence', () =>
    checkRule(liftRotary, {
      before: turned(2).replace('a: float32[1, 5, 2]', 'a: float32[2, 5, 2]'),
      after: `co = Cos(a)
si = Sin(a)
z = lathe.Rotary(x, co, si) {heads: 2}
zr = Reshape(z, int64[4] {0, 0, 2, 4})
y = Transpose(zr) {perm: [0, 2, 1, 3]}`,
    }))

  it('reads halves of one split', () =>
    checkRule(liftRotary, {
      before: turned(2)
        .replace(/hi = Slice.*/, 'lo, hi = Split(h, int64[2] {2, 2}) {axis: 3}')
        .replace(/lo = Slice.*\n/, ''),
      after: `co = Cos(a)
d = int64[2] {-1, 2}
ct = Reshape(co, d)
si = Sin(a)
st = Reshape(si, d)
z = lathe.Rotary(x, ct, st) {heads: 2}
zr = Reshape(z, int64[4] {0, 0, 2, 4})
y = Transpose(zr) {perm: [0, 2, 1, 3]}`,
    }))

  it('keeps the factor of attention on cosine and sine', () =>
    checkRule(liftRotary, {
      before: turned(2)
        .replace('cu = Unsqueeze(c,', 'cf = Mul(c, float32 1.25)\ncu = Unsqueeze(cf,')
        .replace('su = Unsqueeze(s,', 'sf = Mul(s, float32 1.25)\nsu = Unsqueeze(sf,'),
      after: `co = Cos(a)
cf = Mul(co, float32 1.25)
d = int64[2] {-1, 2}
ct = Reshape(cf, d)
si = Sin(a)
sf = Mul(si, float32 1.25)
st = Reshape(sf, d)
z = lathe.Rotary(x, ct, st) {heads: 2}
zr = Reshape(z, int64[4] {0, 0, 2, 4})
y = Transpose(zr) {perm: [0, 2, 1, 3]}`,
    }))

  it('leaves tables whose halves differ', () =>
    checkRejects(
      liftRotary,
      turned(2).replace('a: float32[1, 5, 2]', 'a: float32[1, 5, 2], b: float32[1, 5, 2]').replace('Concat(a, a)', 'Concat(a, b)'),
      'cosine and sine are not taken of the same doubled angles',
    ))

  it('leaves slices that are no halves', () => checkRejects(liftRotary, turned(1), 'the slices are not the two halves of a head'))
})
