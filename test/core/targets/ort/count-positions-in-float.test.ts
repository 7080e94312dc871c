import { describe, it } from 'vitest'
import { countPositionsInFloat } from '../../../../core/targets/ort/count-positions-in-float.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

const positions = `(x: float32[batch, length]) -> (y)
n = Shape(x) {start: 1, end: 2}
limit = Squeeze(n)
r = Range(int64 0, limit, int64 1)`

describe('count-positions-in-float', () => {
  it('counts with a running sum', () =>
    checkRule(countPositionsInFloat, {
      before: `${positions}
column = Unsqueeze(r, int64[1] {1})
p = Cast(column) {to: 1}
y = Mul(p, x)`,
      after: `n = Shape(x) {end: 2, start: 1}
ones = ConstantOfShape(n) {value: float32[1] {1.0}}
column = Unsqueeze(ones, int64[1] {1})
p = CumSum(column, int64 0) {exclusive: 1}
y = Mul(p, x)`,
      sizes: new Map([
        ['batch', 7],
        ['length', 7],
      ]),
    }))

  it('leaves rows, other types and positions that others read', () => {
    const reject = (lines: string, sentence: string) => checkRejects(countPositionsInFloat, `${positions}\n${lines}`, sentence)
    reject('row = Unsqueeze(r, int64[1] {0})\np = Cast(row) {to: 1}\ny = Mul(p, x)', 'the positions are no column')
    reject('column = Unsqueeze(r, int64[1] {1})\ny = Cast(column) {to: 7}', 'the positions are not wanted in float32')
    reject('column = Unsqueeze(r, int64[1] {1})\np = Cast(column) {to: 1}\ny = Mul(p, x)\nz = LessOrEqual(r, column)', 'also read by')
  })
})
