import { any, maybe, op } from '../../rewrite/pattern.ts'
import { rule } from '../../rewrite/rule.ts'

const elementwise = ['Cos', 'Sin', 'Cast', 'Neg', 'Exp', 'Sqrt', 'Reciprocal', 'Not', 'Abs']

export const viewsBeforeElementwise = rule({
  id: 'views-before-elementwise',
  summary: 'A view of what an operator computes element by element is the operator on the view: views then meet and become one.',
  fidelity: 'exact',
  pattern: op(['Reshape', 'Squeeze', 'Unsqueeze'], [op(elementwise, [any('x')], 'inner'), maybe(any('how'))], 'view'),
  rewrite({ x, inner, view, how }, draft) {
    const seen = draft.op(view.opType, how === null ? [x] : [x, how], view.attributes)
    return draft.op(inner.opType, [seen], inner.attributes)
  },
})
