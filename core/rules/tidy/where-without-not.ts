import { any, op } from '../../rewrite/pattern.ts'
import { rule } from '../../rewrite/rule.ts'

export const whereWithoutNot = rule({
  id: 'where-without-not',
  summary: 'A Where on a negated condition is a Where with its inputs exchanged.',
  fidelity: 'exact',
  pattern: op('Where', [op('Not', [any('condition')], { shared: true }), any('yes'), any('no')]),
  rewrite: ({ condition, yes, no }, draft) => draft.op('Where', [condition, no, yes]),
})
