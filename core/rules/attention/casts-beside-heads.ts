import type { Node, Value } from '../../ir/value.ts'
import { any, maybe, oneOf, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'

const views = ['Reshape', 'Transpose']

/** The runtime puts casts around what it has no half-float kernel for, and views between them: a view is the same of either type. */
export const castsBesideHeads = rule({
  id: 'casts-beside-heads',
  summary: 'Casts to half floats and back stand beside the views of attention, not among them.',
  fidelity: 'exact',
  housekeeping: true,
  pattern: oneOf(
    op('Cast', [op(views, [any('x'), maybe(any('how'))], 'view')], 'back'),
    op('Transpose', [op('Cast', [op('MatMul', [any(), any()], 'product')], 'there')], 'turn'),
  ),
  rewrite({ x, how, view, back, product, there, turn }, draft) {
    if (there !== undefined && turn !== undefined && product !== undefined) {
      const turned = draft.op('Transpose', [product.outputs[0] as Value], turn.attributes)
      return draft.op('Cast', [turned], there.attributes)
    }
    if (x === undefined || view === undefined || back === undefined || !comesFromCast(x))
      return reject('there is no other cast before the view', view)
    const cast = draft.op('Cast', [x], back.attributes)
    return draft.op(view.opType, how == null ? [cast] : [cast, how], view.attributes)
  },
})

function comesFromCast(value: Value): boolean {
  let node: Node | null = value.producer
  while (node !== null && node.domain === '' && views.includes(node.opType)) node = node.inputs[0]?.producer ?? null
  return node?.opType === 'Cast' && node.domain === ''
}
