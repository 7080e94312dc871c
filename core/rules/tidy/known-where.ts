import { any, constant, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { knownOf } from '../../shapes/known.ts'
import { passThrough } from './passing.ts'

export const knownWhere = rule({
  id: 'known-where',
  summary: 'A Where whose condition is the same everywhere and known is one of its inputs.',
  fidelity: 'exact',
  pattern: op('Where', [constant('condition'), any('yes'), any('no')]),
  rewrite({ condition, yes, no }, draft) {
    const entries = knownOf(condition.constant)?.entries
    if (entries === undefined || entries.length === 0 || entries.some((entry) => entry !== entries[0]))
      return reject('the condition differs from place to place', condition)
    return passThrough(entries[0] === 0 ? no : yes, draft.root.outputs[0] as typeof yes)
  },
})
