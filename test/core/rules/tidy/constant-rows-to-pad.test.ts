import { describe, expect, it } from 'vitest'
import { floatsOf } from '../../../../core/ir/numbers.ts'
import { drive } from '../../../../core/rewrite/drive.ts'
import { constantRowsToPad } from '../../../../core/rules/tidy/constant-rows-to-pad.ts'
import { inferShapes } from '../../../../core/shapes/infer.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'
import { modelOf } from '../../../support/graph.ts'

const before = `(x: float32[batch, 2, 3], shape: int64[3] = int64[3] {2, 1, 3}) -> (y)
t = Expand(float32[1, 1, 3] {1, 2, 3}, int64[3] {4, 1, 3})
c = Concat(t, x) {axis: 1}
y = Add(c, float32[1, 3, 3] {10, 20, 30, 40, 50, 60, 70, 80, 90})`.replace(', shape: int64[3] = int64[3] {2, 1, 3}', '')
const sized = before.replace('batch', '4')

describe('constant-rows-to-pad', () => {
  it('puts learned rows into the table of positions', async () => {
    await checkRule(constantRowsToPad, {
      before: sized,
      after: `p = Pad(x, int64[6] {0, 1, 0, 0, 0, 0})
y = Add(p, float32[1, 3, 3] {11, 22, 33, 40, 50, 60, 70, 80, 90})`,
    })
    const model = modelOf(`opset 21\n${sized}`)
    drive(model, [constantRowsToPad], { infer: inferShapes(model).node })
    const table = [...model.graph.nodes].at(-1)?.inputs[1]?.constant
    expect([...floatsOf(table as NonNullable<typeof table>)]).toEqual([11, 22, 33, 40, 50, 60, 70, 80, 90])
  })

  it('takes several parts, before and behind', () =>
    checkRule(constantRowsToPad, {
      before: `(x: float32[4, 1, 2]) -> (y)
a = Expand(float32[1, 1, 2] {1, 2}, int64[3] {4, 1, 2})
b = Expand(float32[1, 2, 2] {3, 4, 5, 6}, int64[3] {4, 2, 2})
c = Concat(a, x, b) {axis: -2}
y = Add(c, float32[1, 4, 2] {10, 20, 30, 40, 50, 60, 70, 80})`,
      after: `p = Pad(x, int64[6] {0, 1, 0, 0, 2, 0})
y = Add(p, float32[1, 4, 2] {11, 22, 30, 40, 53, 64, 75, 86})`,
    }))

  it('needs one row of the table for each', () =>
    checkRejects(
      constantRowsToPad,
      sized.replace('float32[1, 3, 3] {10, 20, 30, 40, 50, 60, 70, 80, 90}', 'float32[1, 1, 3]'),
      'the table does not hold each row',
    ))

  it('leaves what is joined of two computed values', () =>
    checkRejects(
      constantRowsToPad,
      `(x: float32[4, 2, 3], z: float32[4, 1, 3]) -> (y)
c = Concat(z, x) {axis: 1}
y = Add(c, float32[1, 3, 3])`,
      'not all but one of the parts are learned rows',
    ))
})
