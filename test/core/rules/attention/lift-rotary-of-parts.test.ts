import { describe, it } from 'vitest'
import { liftRotaryOfParts } from '../../../../core/rules/attention/lift-rotary-of-parts.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

const border = '(x: float32[2, 5, 8], c: float32[5, 2], s: float32[5, 2]) -> (y)'
const heads = `r = Reshape(x, int64[4] {0, 0, 2, 4})
h = Transpose(r) {perm: [0, 2, 1, 3]}`
const turned = `ac = Mul(a, c)
bs = Mul(b, s)
u = Sub(ac, bs)
bc = Mul(b, c)
as = Mul(a, s)
v = Add(bc, as)`
const halves = `a = Slice(h, int64[1] {0}, int64[1] {2}, int64[1] {3}, int64[1] {1})
b = Slice(h, int64[1] {2}, int64[1] {9223372036854775807}, int64[1] {3}, int64[1] {1})`
const tables = (target: string) => `d = ${target}
ct = Reshape(c, d)
st = Reshape(s, d)`
const result = `${tables('int64[2] {-1, 2}')}
z = lathe.Rotary(x, ct, st) {heads: 2}
w = Reshape(z, int64[4] {0, 0, 2, 4})
y = Transpose(w) {perm: [0, 2, 1, 3]}`

describe('lift-rotary-of-parts', () => {
  it('reads two halves that are turned against each other', () =>
    checkRule(liftRotaryOfParts, { before: `${border}\n${heads}\n${halves}\n${turned}\ny = Concat(u, v) {axis: -1}`, after: result }))

  it('reads halves of one split', () =>
    checkRule(liftRotaryOfParts, {
      before: `${border}\n${heads}\na, b = Split(h, int64[2] {2, 2}) {axis: 3}\n${turned}\ny = Concat(u, v) {axis: -1}`,
      after: result,
    }))

  it('reads tables of each sequence', () =>
    checkRule(liftRotaryOfParts, {
      before: `${border.replaceAll('float32[5, 2]', 'float32[2, 1, 5, 2]')}\n${heads}\n${halves}\n${turned}\ny = Concat(u, v) {axis: 3}`,
      after: result.replaceAll('int64[2] {-1, 2}', 'int64[3] {0, -1, 2}'),
    }))

  it('reads neighbours', () =>
    checkRule(liftRotaryOfParts, {
      before: `${border}
${heads}
a = Slice(h, int64[1] {0}, int64[1] {4}, int64[1] {3}, int64[1] {2})
b = Slice(h, int64[1] {1}, int64[1] {4}, int64[1] {3}, int64[1] {2})
${turned}
uu = Unsqueeze(u, int64[1] {-1})
vv = Unsqueeze(v, int64[1] {-1})
y = Concat(uu, vv) {axis: -1}`,
      after: `${tables('int64[2] {-1, 2}')}
z = lathe.Rotary(x, ct, st) {heads: 2, interleaved: 1}
w = Reshape(z, int64[4] {0, 0, 2, 4})
t = Transpose(w) {perm: [0, 2, 1, 3]}
y = Reshape(t, int64[5] {0, 0, 0, 2, 2})`,
    }))

  it('reads pairs with the length before the heads, as complex numbers are seen', () =>
    checkRule(liftRotaryOfParts, {
      before: `${border.replaceAll('float32[5, 2]', 'float32[1, 5, 1, 2]')}
h = Reshape(x, int64[5] {0, 0, 2, 2, 2})
a = Gather(h, int64 0) {axis: 4}
b = Gather(h, int64 1) {axis: 4}
${turned}
uu = Unsqueeze(u, int64[1] {-1})
vv = Unsqueeze(v, int64[1] {-1})
y = Concat(uu, vv) {axis: -1}`,
      after: `h = Reshape(x, int64[5] {0, 0, 2, 2, 2})
g = Reshape(h, int64[4] {0, 0, 0, 4})
f = Reshape(g, int64[3] {0, 0, 8})
${tables('int64[2] {-1, 2}')}
z = lathe.Rotary(f, ct, st) {heads: 2, interleaved: 1}
t = Reshape(z, int64[4] {0, 0, 2, 4})
y = Reshape(t, int64[5] {0, 0, 0, 2, 2})`,
    }))

  it('leaves tables that differ from head to head', () =>
    checkRejects(
      liftRotaryOfParts,
      `${border.replaceAll('float32[5, 2]', 'float32[2, 5, 2]')}\n${heads}\n${halves}\n${turned}\ny = Concat(u, v) {axis: -1}`,
      'the tables are not known to be of all heads',
    ))

  it('leaves halves that are joined as neighbours', () =>
    checkRejects(
      liftRotaryOfParts,
      `${border}
${heads}
${halves}
${turned}
uu = Unsqueeze(u, int64[1] {-1})
vv = Unsqueeze(v, int64[1] {-1})
y = Concat(uu, vv) {axis: -1}`,
      'the parts are joined in another order than they were taken',
    ))

  it('leaves parts that overlap', () =>
    checkRejects(
      liftRotaryOfParts,
      `${border}\n${heads}\n${halves.replace('int64[1] {2}, int64[1] {9', 'int64[1] {1}, int64[1] {9').replace('9223372036854775807', '3')}\n${turned}\ny = Concat(u, v) {axis: -1}`,
      'what is turned are not the two parts of heads',
    ))
})
