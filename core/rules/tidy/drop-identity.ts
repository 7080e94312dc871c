import { any, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { canStandFor } from './passing.ts'

export const dropIdentity = rule({
  id: 'drop-identity',
  summary: 'An Identity computes nothing.',
  fidelity: 'exact',
  pattern: op('Identity', [any('x')], 'identity'),
  rewrite({ x, identity }, draft) {
    return canStandFor(x, draft.root.outputs[0] as typeof x)
      ? x
      : reject('the graph gives out one of its inputs or constants, or one value twice', identity)
  },
})
