import { intOf } from '../../ir/attributes.ts'
import { any, maybe, op, rest } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { rankOf } from '../../shapes/shape-facts.ts'

export const dropSplitConcat = rule({
  id: 'drop-split-concat',
  summary: 'Joining all parts of a Split in their order along its axis gives back what was split.',
  fidelity: 'exact',
  pattern: op('Concat', [op('Split', [any('x'), maybe(any())], { name: 'split', shared: true }), rest('others')], 'concat'),
  rewrite({ x, split, others, concat }) {
    const parts = [split.outputs[0], ...others]
    if (parts.length !== split.outputs.length || parts.some((part, i) => part !== split.outputs[i]))
      return reject('it joins other parts, or in another order', concat)
    const rank = rankOf(x)
    const at = (axis: number) => (axis < 0 && rank !== null ? axis + rank : axis)
    return at(intOf(split, 'axis', 0)) === at(intOf(concat, 'axis', 1)) ? x : reject('the axes differ', concat)
  },
})
