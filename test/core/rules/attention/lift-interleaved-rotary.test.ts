import { describe, it } from 'vitest'
import { liftInterleavedRotary } from '../../../../core/rules/attention/lift-interleaved-rotary.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

const far = 'int64[1] {9223372036854775807}'
const last = 'int64[1] {3}, int64[1] {2}'
/** Angles [1, length, 2], each twice side by side. */
const twice = `au = Unsqueeze(a, int64[1] {3})
ae = Expand(au, int64[4] {1, 1, 1, 2})
aa = Reshape(ae, int64[3] {1, -1, 4})`
const pairs = `p = Mul(h, cu)
odd = Slice(h, int64[1] {1}, ${far}, ${last})
n = Neg(odd)
nu = Unsqueeze(n, int64[1] {4})
even = Slice(h, int64[1] {0}, ${far}, ${last})
eu = Unsqueeze(even, int64[1] {4})
t = Concat(nu, eu) {axis: -1}
tr = Reshape(t, int64[4] {0, 2, 0, 4})
q = Mul(tr, su)
y = Add(p, q)`
const tables = (axis: number) => `${twice}
c = Cos(aa)
cu = Unsqueeze(c, int64[1] {${axis}})
s = Sin(aa)
su = Unsqueeze(s, int64[1] {${axis}})`
const columns = 'zero, end, last, two'
const bounds = 'zero = int64[1] {0}\nend = int64[1] {9007199254740991}\nlast = int64[1] {-1}\ntwo = int64[1] {2}'

describe('lift-interleaved-rotary', () => {
  it('reads neighbours turned by the same angle', () =>
    checkRule(liftInterleavedRotary, {
      before: `(x: float32[2, 5, 8], a: float32[1, 5, 2]) -> (y)
r = Reshape(x, int64[4] {0, 0, 2, 4})
h = Transpose(r) {perm: [0, 2, 1, 3]}
${tables(1)}
${pairs}`,
      after: `${tables(1)}
${bounds}
cs = Slice(cu, ${columns})
cr = Reshape(cs, int64[2] {-1, 2})
ss = Slice(su, ${columns})
sr = Reshape(ss, int64[2] {-1, 2})
z = lathe.Rotary(x, cr, sr) {heads: 2, interleaved: 1}
zr = Reshape(z, int64[4] {0, 0, 2, 4})
y = Transpose(zr) {perm: [0, 2, 1, 3]}`,
    }))

  it('does so before the heads are put first', () =>
    checkRule(liftInterleavedRotary, {
      before: `(h: float32[2, 5, 3, 4], a: float32[1, 5, 2]) -> (y)
${tables(2)}
${pairs.replace('{0, 2, 0, 4}', '{0, 0, 3, 4}')}`,
      after: `${tables(2)}
${bounds}
x = Reshape(h, int64[3] {0, 0, 12})
cs = Slice(cu, ${columns})
cr = Reshape(cs, int64[2] {-1, 2})
ss = Slice(su, ${columns})
sr = Reshape(ss, int64[2] {-1, 2})
z = lathe.Rotary(x, cr, sr) {heads: 3, interleaved: 1}
y = Reshape(z, int64[4] {0, 0, 3, 4})`,
    }))

  it('reads pairs of a view, and tables without axes for sequences and heads', () => {
    const own = tables(1).replaceAll(/[cs]u = .*\n?/g, '')
    return checkRule(liftInterleavedRotary, {
      before: `(x: float32[2, 5, 8], a: float32[1, 5, 2]) -> (y)
r = Reshape(x, int64[4] {0, 0, 2, 4})
h = Transpose(r) {perm: [0, 2, 1, 3]}
${own}
${pairs
  .replace('odd = ', 'hp = Reshape(h, int64[5] {0, 0, 0, 2, 2})\nodd = ')
  .replace(/Slice\(h, int64\[1\] {1}.*/, 'Gather(hp, int64 1) {axis: 4}')
  .replace(/Slice\(h, int64\[1\] {0}.*/, 'Gather(hp, int64 0) {axis: 4}')
  .replace('cu)', 'c)')
  .replace('su)', 's)')}`,
      after: `${own}
${bounds}
cs = Slice(c, ${columns})
cr = Reshape(cs, int64[2] {-1, 2})
ss = Slice(s, ${columns})
sr = Reshape(ss, int64[2] {-1, 2})
z = lathe.Rotary(x, cr, sr) {heads: 2, interleaved: 1}
zr = Reshape(z, int64[4] {0, 0, 2, 4})
y = Transpose(zr) {perm: [0, 2, 1, 3]}`,
    })
  })

  it('leaves tables that are not known to hold every angle twice', () =>
    checkRejects(
      liftInterleavedRotary,
      `(h: float32[2, 2, 5, 4], aa: float32[1, 5, 4]) -> (y)
${tables(1).slice(twice.length + 1)}
${pairs}`,
      'the tables are not known to hold every angle twice',
    ))

  it('leaves angles that stand twice one behind the other', () =>
    checkRejects(
      liftInterleavedRotary,
      `(h: float32[2, 2, 5, 4], a: float32[1, 5, 2]) -> (y)
au = Unsqueeze(a, int64[1] {2})
ae = Expand(au, int64[4] {1, 1, 2, 1})
aa = Reshape(ae, int64[3] {1, -1, 4})
${tables(1).slice(twice.length + 1)}
${pairs}`,
      'the tables are not known to hold every angle twice',
    ))
})
