import { describe, it } from 'vitest'
import { gatherToSlice } from '../../../../core/rules/tidy/gather-to-slice.ts'
import { checkLeaves, checkRejects, checkRule } from '../../../support/check-rule.ts'

/** The first positions of x along its last axis, as many as y has rows; `limit` names how many that are. */
const first = (limit: string) => `(x: float32[2, m + n], y: float32[n, 3]) -> (z)
s = Shape(y)
${limit}
r = Range(int64 0, l, int64 1)
z = Gather(x, r) {axis: 1}`

describe('gather-to-slice', () => {
  it('slices what is gathered by a Range', () =>
    checkRule(gatherToSlice, {
      before: first('l = Gather(s, int64 0)'),
      after: `s = Shape(y)
l = Gather(s, int64 0)
u = Unsqueeze(l, int64[1] {0})
z = Slice(x, int64[1] {0}, u, int64[1] {1})`,
    }))

  it('does so at each place that reads the Range, in an old operator set', () =>
    checkRule(gatherToSlice, {
      opsets: 'opset 11',
      before: `(x: float32[m + n, 2], w: float32[n, m + n, 2], y: float32[n, 3], p: float32[m, 3]) -> (a, b)
s = Shape(y)
l = Gather(s, int64 0)
t = Shape(p)
k = Gather(t, int64 0)
e = Add(k, l)
r = Range(k, e, int64 1)
a = Gather(x, r)
b = Gather(w, r) {axis: -2}`,
      after: `s = Shape(y)
l = Gather(s, int64 0)
t = Shape(p)
k = Gather(t, int64 0)
e = Add(k, l)
k1 = Unsqueeze(k) {axes: [0]}
e1 = Unsqueeze(e) {axes: [0]}
a = Slice(x, k1, e1, int64[1] {0})
k2 = Unsqueeze(k) {axes: [0]}
e2 = Unsqueeze(e) {axes: [0]}
b = Slice(w, k2, e2, int64[1] {-2})`,
    }))

  it('keeps what may end before 0, where a Slice would count from the end', () =>
    checkRejects(gatherToSlice, first('f = Gather(s, int64 0)\nl = Sub(f, int64 4)'), 'it may end before 0'))

  it('keeps what starts before 0', () =>
    checkRejects(
      gatherToSlice,
      `(x: float32[4, 2]) -> (z)
r = Range(int64 -2, int64 0, int64 1)
z = Gather(x, r)`,
      'it may start before 0',
    ))

  it('keeps lookups of rows in a table', () =>
    checkRejects(
      gatherToSlice,
      `(x: float32[n, 2]) -> (z)
s = Shape(x)
l = Gather(s, int64 0)
r = Range(int64 0, l, int64 1)
z = Gather(float32[3, 1] {1, 2, 3}, r)`,
      'it looks up rows of a table',
    ))

  it('keeps every second position', () =>
    checkLeaves(
      gatherToSlice,
      `(x: float32[4, 2]) -> (z)
r = Range(int64 0, int64 4, int64 2)
z = Gather(x, r)`,
    ))
})
