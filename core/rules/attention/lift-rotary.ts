import { int } from '../../ir/attributes.ts'
import { numbersOf } from '../../ir/numbers.ts'
import type { Node, Value } from '../../ir/value.ts'
import { any, constant, maybe, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { rankOf, shapeOf } from '../../shapes/shape-facts.ts'
import { asHeads, withHeads } from './heads.ts'

const half = (name: string) =>
  op('Slice', [any('x'), constant(`${name}Start`), constant(`${name}End`), constant(`${name}Axis`), maybe(constant(`${name}Step`))], name)
const turned = op('Concat', [op('Neg', [half('upper')], 'negated'), half('lower')], 'turned')

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
    if (upper === undefined || lower === undefined) return reject('the halves are not there', x)
    if (!cutsAt(upper, heads.size / 2, heads.size) || !cutsAt(lower, 0, heads.size / 2))
      return reject('the slices are not the two halves of a head', upper)
    const [angles, crossAngles] = [tableOf(cos, 'Cos'), tableOf(sin, 'Sin')]
    if (angles === null || crossAngles === null || angles.source !== crossAngles.source) {
      return reject('cosine and sine are not taken of the same doubled angles', cos)
    }
    const dims = draft.ints([-1, heads.size / 2])
    const perSequence = shapeOf(angles.source)?.length === 3 && shapeOf(angles.source)?.[0] !== 1
    const table = (kind: 'Cos' | 'Sin') => {
      const whole = draft.op(kind, [angles.source])
      return perSequence ? whole : draft.op('Reshape', [whole, dims])
    }
    const rotated = draft.op('lathe.Rotary', [heads.source, table('Cos'), table('Sin')], { heads: int(heads.heads) })
    return withHeads(rotated, heads, draft)
  },
})

/** Whether a slice takes the elements from `start` on, up to `end`, of the last axis. */
export function cutsAt(slice: Node, start: number, end: number): boolean {
  const [from, to, axis, step = 1] = slice.inputs
    .slice(1)
    .map((input) => (input === null ? 1 : (numbersOf(input.constant as never)[0] as number)))
  const rank = rankOf(slice.inputs[0] as Value)
  return (
    from === start &&
    ((to as number) === end || ((to as number) > end && start > 0)) &&
    (axis === -1 || axis === (rank ?? 0) - 1) &&
    step === 1
  )
}

/** cos(angles, angles) with an axis for the heads put in: the angles [1 or batch, length, size / 2] (or [length, size / 2]) behind it. */
function tableOf(value: Value, kind: 'Cos' | 'Sin'): { source: Value } | null {
  const inner = value.producer?.opType === 'Unsqueeze' || value.producer?.opType === 'Reshape' ? value.producer.inputs[0] : value
  const concat = inner?.producer?.opType === kind ? inner.producer.inputs[0]?.producer : null
  if (concat?.opType !== 'Concat' || concat.inputs.length !== 2 || concat.inputs[0] !== concat.inputs[1]) return null
  const source = concat.inputs[0] as Value
  const rank = shapeOf(source)?.length
  return rank === 2 || rank === 3 ? { source } : null
}
