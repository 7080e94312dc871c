import { int, intOf } from '../../ir/attributes.ts'
import type { Node, Value } from '../../ir/value.ts'
import { any, op, rest } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { rankOf } from '../../shapes/shape-facts.ts'

const axisOf = (node: Node): number | null => {
  const axis = intOf(node, 'axis', 1)
  const rank = rankOf(node.outputs[0] as Value)
  return axis >= 0 ? axis : rank === null ? null : axis + rank
}

export const mergeConcats = rule({
  id: 'merge-concats',
  summary: 'A Concat of a Concat along the same axis is one Concat.',
  fidelity: 'exact',
  pattern: op('Concat', [any('first'), rest('others')], 'concat'),
  rewrite({ first, others, concat }, draft) {
    const axis = axisOf(concat)
    if (axis === null) return reject('the rank is not known', concat)
    const nested = (value: Value): Node | null => {
      const { producer } = value
      const own = producer !== null && producer.opType === 'Concat' && producer.domain === '' && producer.graph === concat.graph
      return own && value.uses.length === 1 && !value.isOutput && axisOf(producer) === axis ? producer : null
    }
    const inputs = [first, ...(others as readonly Value[])]
    if (!inputs.some(nested)) return reject('no input is a Concat along the same axis that only it reads', concat)
    const flat = inputs.flatMap((value) => nested(value)?.inputs ?? [value])
    return draft.op('Concat', flat, { axis: int(axis) })
  },
})
