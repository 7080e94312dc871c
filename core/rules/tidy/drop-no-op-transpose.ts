import { intsOf } from '../../ir/attributes.ts'
import { any, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'

export const dropNoOpTranspose = rule({
  id: 'drop-no-op-transpose',
  summary: 'A transpose that leaves every axis in its place changes nothing.',
  fidelity: 'exact',
  pattern: op('Transpose', [any('x')], 'transpose'),
  rewrite({ x, transpose }) {
    const perm = intsOf(transpose, 'perm')
    return perm?.every((axis, i) => axis === i) ? x : reject('it moves axes', transpose)
  },
})
