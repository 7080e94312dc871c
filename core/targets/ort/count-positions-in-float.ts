import { int, intOf } from '../../ir/attributes.ts'
import type { Value } from '../../ir/value.ts'
import { any, op, scalar } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { sameDim } from '../../shapes/dim.ts'
import { shapeOf } from '../../shapes/shape-facts.ts'
import { columnOfOnes } from './sizes.ts'

/**
 * Positions that are wanted as a column of floats are counted as such, from a column of ones that masks of attention share. Floats count
 * exactly up to 2^24.
 */
export const countPositionsInFloat = rule({
  id: 'count-positions-in-float',
  summary: 'A column of positions 0, 1, 2 ... in float32 is the running sum of ones: no Range and no Cast.',
  fidelity: 'exact',
  pattern: op('Cast', [op(['Reshape', 'Unsqueeze'], [op('Range', [scalar(0), any(), scalar(1)], 'range'), any()], 'column')], {
    name: 'cast',
    when: (node) => intOf(node, 'to', 0) === 1 || 'the positions are not wanted in float32',
  }),
  rewrite({ range, column }, draft) {
    const [length, shape] = [shapeOf(range.outputs[0] as Value)?.[0] ?? null, shapeOf(column.outputs[0] as Value)]
    if (shape?.length !== 2 || shape[1] !== 1 || !sameDim(shape[0] ?? null, length)) return reject('the positions are no column', column)
    const ones = columnOfOnes(length, draft)
    if (ones === null) return reject('no input of the model tells how many there are', range)
    return draft.op('CumSum', [ones, draft.scalar(0, 'int64')], { exclusive: int(1) })
  },
})
