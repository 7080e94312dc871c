import { describe, it } from 'vitest'
import { viewGatheredGrid } from '../../../../core/rules/attention/view-gathered-grid.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

const sizes = `b = Shape(m) {start: 0, end: 1}
bs = Squeeze(b)
s = Shape(m) {start: 1, end: 2}
ss = Squeeze(s)
rb = Range(int64 0, bs, int64 1)
rs = Range(int64 START, ss, int64 1)
row = Reshape(rb, int64[4] {-1, 1, 1, 1})
col = Reshape(rs, int64[4] {1, 1, 1, -1})`

const byPair = (start: number) => `(m: bool[batch, seq]) -> (y)
${sizes.replace('START', String(start))}
g = Max(row, col)
d = Shape(g)
re = Expand(row, d)
ru = Unsqueeze(re, int64[1] {-1})
ce = Expand(col, d)
cu = Unsqueeze(ce, int64[1] {-1})
i = Concat(ru, cu) {axis: -1}
y = GatherND(m, i)`

describe('view-gathered-grid', () => {
  it('sees pairs of positions', () => checkRule(viewGatheredGrid, { before: byPair(0), after: 'y = Unsqueeze(m, int64[2] {1, 2})' }))

  it('sees positions in the flattened table', () =>
    checkRule(viewGatheredGrid, {
      before: `(m: bool[batch, seq]) -> (y)
${sizes.replace('START', '0')}
f = Flatten(m) {axis: 2}
o = Mul(row, s)
i = Add(col, o)
g = Gather(f, i) {axis: 0}
y = Reshape(g, int64[4] {0, 1, 1, -1})`,
      after: 'y = Unsqueeze(m, int64[2] {1, 2})',
    }))

  it('leaves columns that do not begin at the first', () =>
    checkRejects(viewGatheredGrid, byPair(1), 'the columns are not known to be 0, 1, 2'))
})
