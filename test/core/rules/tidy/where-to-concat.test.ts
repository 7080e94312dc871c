import { describe, it } from 'vitest'
import { whereToConcat } from '../../../../core/rules/tidy/where-to-concat.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('where-to-concat', () => {
  it('joins what it picks of joined parts and of constants', () =>
    checkRule(whereToConcat, {
      before: `(n: int64[1], m: int64[2]) -> (y, z)
a = Concat(n, int64[1] {-1}, int64[1] {-1}, m) {axis: 0}
y = Where(bool[5] {0, 1, 1, 0, 0}, int64[5] {7, 8, 9, 7, 7}, a)
b = Concat(m, n, m) {axis: -1}
z = Where(bool[5] {1, 1, 0, 0, 0}, b, a)`,
      after: `y = Concat(n, int64[2] {8, 9}, m) {axis: 0}
z = Concat(m, int64[1] {-1}, m) {axis: 0}`,
    }))

  it('keeps one that picks some elements of a part', () =>
    checkRejects(
      whereToConcat,
      `(n: int64[1], m: int64[2]) -> (y)
a = Concat(n, m) {axis: 0}
y = Where(bool[3] {0, 1, 0}, int64[1] {4}, a)`,
      'it picks some elements of a part',
    ))

  it('keeps one of tables, of unknown sizes and of other operators', () => {
    const text = (inputs: string, rest: string) => `(${inputs}) -> (y)\n${rest}`
    const joined = 'a = Concat(n, m) {axis: 0}\ny = Where(bool[2] {0, 1}, int64[1] {4}, a)'
    checkRejects(whereToConcat, text('n: int64[1], m: int64[rest]', joined), 'something other than constants and joined parts')
    checkRejects(
      whereToConcat,
      text('n: int64[2]', 'y = Where(bool[2] {0, 1}, int64[1] {4}, n)'),
      'something other than constants and joined parts',
    )
    checkRejects(
      whereToConcat,
      text('n: int64[1, 2]', 'a = Concat(n, n) {axis: 0}\ny = Where(bool[2, 2] {0, 1, 1, 1}, int64[1] {4}, a)'),
      'the condition is no list',
    )
    checkRejects(
      whereToConcat,
      text('n: int64[1, 1]', 'a = Concat(n, n) {axis: 0}\ny = Where(bool[2] {0, 1}, int64[1] {4}, a)'),
      'something other than constants and joined parts',
    )
  })
})
