import { describe, it } from 'vitest'
import { selectBeforeElementwise } from '../../../../core/rules/selection/select-before-elementwise.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

const before = `(x: float32[2, length, 4], z: float32[2, length, 8]) -> (y)
m = MatMul(x, float32[4, 8])
a = Add(m, z)
y = Gather(a, int64[] {0}) {axis: 1}`

describe('select-before-elementwise', () => {
  it('selects from each value that has the axis, and keeps it until the end', () =>
    checkRule(selectBeforeElementwise, {
      before,
      after: `m = MatMul(x, float32[4, 8])
p = Gather(m, int64[1] {0}) {axis: 1}
q = Gather(z, int64[1] {0}) {axis: 1}
a = Add(p, q)
y = Squeeze(a, int64[1] {1})`,
    }))

  it('leaves what is repeated along the axis, and selects from the end', () =>
    checkRule(selectBeforeElementwise, {
      before: before.replace('z: float32[2, length, 8]', 'z: float32[8]').replace('int64[] {0}', 'int64[1] {-1}'),
      after: `m = MatMul(x, float32[4, 8])
p = Gather(m, int64[1] {-1}) {axis: 1}
y = Add(p, z)`,
    }))

  it('selects once from a value that is read twice', () =>
    checkRule(selectBeforeElementwise, {
      before: before.replace('Add(m, z)', 'Mul(m, m)').replace(', z: float32[2, length, 8]', ''),
      after: `m = MatMul(x, float32[4, 8])
p = Gather(m, int64[1] {0}) {axis: 1}
a = Mul(p, p)
y = Squeeze(a, int64[1] {1})`,
    }))

  it('does so for a Slice', () =>
    checkRule(selectBeforeElementwise, {
      before: before
        .replace('Gather(a, int64[] {0}) {axis: 1}', 'Slice(a, int64[1] {0}, int64[1] {2}, int64[1] {1})')
        .replaceAll('length', '5'),
      after: `m = MatMul(x, float32[4, 8])
start = int64[1] {0}
end = int64[1] {2}
p = Slice(m, start, end, int64[1] {1})
q = Slice(z, start, end, int64[1] {1})
y = Add(p, q)`,
    }))

  it('leaves it where no product becomes smaller', () =>
    checkRejects(
      selectBeforeElementwise,
      before.replace('MatMul(x, float32[4, 8])', 'ReduceMean(x) {keepdims: 1}'),
      'no product would become smaller',
    ))

  it('leaves it where others read what is selected from', () =>
    checkRejects(selectBeforeElementwise, before.replace('-> (y)', '-> (y, a)'), 'is also an output of the graph'))

  it('leaves it where all is selected', () =>
    checkRejects(selectBeforeElementwise, before.replaceAll('length', '1'), 'it leaves nothing out'))
})
