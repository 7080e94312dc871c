import { any, op } from '../../rewrite/pattern.ts'
import { rule } from '../../rewrite/rule.ts'
import { passThrough } from './passing.ts'

export const dropNoOpExpand = rule({
  id: 'drop-no-op-expand',
  summary: 'An Expand or Tile to the shape that a value already has changes nothing.',
  fidelity: 'exact',
  pattern: op(['Expand', 'Tile'], [any('x'), any()]),
  rewrite: ({ x }, draft) => passThrough(x, draft.root.outputs[0] as typeof x),
})
