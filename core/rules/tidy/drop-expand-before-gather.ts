import { int, intOf } from '../../ir/attributes.ts'
import { any, constant, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { broadcastShapes } from '../../shapes/dim.ts'
import { sameShape, shapeOf } from '../../shapes/shape-facts.ts'

export const dropExpandBeforeGather = rule({
  id: 'drop-expand-before-gather',
  summary: 'Rows looked up by expanded indices and added to a value of full shape need no Expand: the addition broadcasts.',
  fidelity: 'exact',
  pattern: op('Add', [op('Gather', [constant('table'), op('Expand', [any('indices'), any()])], 'gather'), any('other')]),
  rewrite({ table, indices, gather, other }, draft) {
    const [rows, rest, full] = [shapeOf(indices), shapeOf(other), shapeOf(draft.root.outputs[0] as typeof other)]
    if (intOf(gather, 'axis', 0) !== 0 || rows === null || rest === null)
      return reject('a shape is not known, or it looks up along another axis', gather)
    const looked = [...rows, ...table.constant.ref.dims.slice(1)]
    if (!sameShape(broadcastShapes(looked, rest), full)) return reject('the other value has not the full shape', other)
    return draft.op('Add', [draft.op('Gather', [table, indices], { axis: int(0) }), other])
  },
})
