import { any, maybe, op } from '../../rewrite/pattern.ts'
import { rule } from '../../rewrite/rule.ts'
import { passThrough } from './passing.ts'

export const dropNoOpReshape = rule({
  id: 'drop-no-op-reshape',
  summary: 'A Reshape, Flatten, Squeeze or Unsqueeze to the shape that a value already has changes nothing.',
  fidelity: 'exact',
  pattern: op(['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze'], [any('x'), maybe(any())]),
  rewrite: ({ x }, draft) => passThrough(x, draft.root.outputs[0] as typeof x),
})
