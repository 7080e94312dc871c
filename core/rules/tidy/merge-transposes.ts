import { ints, intsOf } from '../../ir/attributes.ts'
import type { Node } from '../../ir/value.ts'
import { any, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { rankOf } from '../../shapes/shape-facts.ts'

const permOf = (node: Node, rank: number): readonly number[] => intsOf(node, 'perm') ?? Array.from({ length: rank }, (_, i) => rank - 1 - i)

export const mergeTransposes = rule({
  id: 'merge-transposes',
  summary: 'Two transposes in a row are one, or none.',
  fidelity: 'exact',
  pattern: op('Transpose', [op('Transpose', [any('x')], { name: 'inner', shared: true })], 'outer'),
  rewrite({ x, inner, outer }, draft) {
    const rank = intsOf(inner, 'perm')?.length ?? intsOf(outer, 'perm')?.length ?? rankOf(x)
    if (rank === null) return reject('the rank is not known', inner)
    const first = permOf(inner, rank)
    const perm = permOf(outer, rank).map((axis) => first[axis] as number)
    return perm.every((axis, i) => axis === i) ? x : draft.op('Transpose', [x], { perm: ints(perm) })
  },
})
