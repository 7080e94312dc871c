import { int, intOf } from '../../ir/attributes.ts'
import type { Node, Value } from '../../ir/value.ts'
import { any, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { rankOf, shapeOf } from '../../shapes/shape-facts.ts'
import { partsOf } from './halves.ts'
import { asHeads, withHeads } from './heads.ts'
import { halfOfDoubled } from './rotary-tables.ts'

const alongLast = (concat: Node): true | string => {
  const axis = intOf(concat, 'axis', 0)
  return axis === -1 || axis === (rankOf(concat.outputs[0] as Value) ?? 4) - 1 || 'it does not join along the last axis'
}

const turned = op('Concat', [op('Neg', [any('upper')], 'negated'), any('lower')], { name: 'turned', when: alongLast })

/**
 * x cos + rotate(x) sin with the halves of each head exchanged, as LLaMA and its kin export rotary position embedding, to one operator
 * on [batch, length, heads * size] with tables [length, size / 2], or [batch, length, size / 2] where sequences have positions of their own.
 * Source: Su et al., "RoFormer".
 */
export const liftRotary = rule({
  id: 'lift-rotary',
  summary: 'Rotary position embedding of queries or keys becomes one operator.',
  fidelity: 'rounding',
  pattern: op('Add', [op('Mul', [any('x'), any('cos')], 'plain'), op('Mul', [turned, any('sin')], 'crossed')], 'sum'),
  rewrite({ x, cos, sin, upper, lower }, draft) {
    const heads = asHeads(x, draft)
    if (heads === null) return reject('the number of heads or their size is not known', x)
    const parts = partsOf(lower, upper)
    if (parts?.taken !== 'halves' || parts.whole !== x) return reject('the slices are not the two halves of a head', upper)
    const halves = [cos, sin].map((table) => halfOfDoubled(table, draft))
    const [cosines, sines] = halves
    if (cosines == null || sines == null) return reject('cosine and sine are not taken of the same doubled angles', cos)
    const perSequence = shapeOf(cosines.source)?.length === 3 && shapeOf(cosines.source)?.[0] !== 1
    const dims = draft.ints([-1, heads.size / 2])
    const [c, s] = [cosines, sines].map(({ table }) => (perSequence ? table : draft.op('Reshape', [table, dims])))
    const rotated = draft.op('lathe.Rotary', [heads.source, c as Value, s as Value], { heads: int(heads.heads) })
    return withHeads(rotated, heads, draft)
  },
})
