import { any, maybe, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { knownOf, numbersIn } from '../../shapes/known.ts'
import { passThrough } from './passing.ts'

export const dropNoOpSlice = rule({
  id: 'drop-no-op-slice',
  summary: 'A Slice that takes all of a value changes nothing.',
  fidelity: 'exact',
  pattern: op('Slice', [any('x'), maybe(any()), maybe(any()), maybe(any()), maybe(any('steps'))], 'slice'),
  rewrite({ x, steps, slice }, draft) {
    const known = steps?.constant ? numbersIn(knownOf(steps.constant)) : null
    if (steps !== null && !known?.every((step) => step > 0)) return reject('it may run backwards', slice)
    return passThrough(x, draft.root.outputs[0] as typeof x)
  },
})
