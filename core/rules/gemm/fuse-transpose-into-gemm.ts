import { int, intOf } from '../../ir/attributes.ts'
import { any, maybe, oneOf, op, orAbsent } from '../../rewrite/pattern.ts'
import { rule } from '../../rewrite/rule.ts'

const turned = (name: 'a' | 'b') => op('Transpose', [any(name)], { attributes: { perm: orAbsent([1, 0]) }, shared: true })

export const fuseTransposeIntoGemm = rule({
  id: 'fuse-transpose-into-gemm',
  summary: 'A transposed matrix before a Gemm is a flag of the Gemm.',
  fidelity: 'exact',
  pattern: oneOf(
    op('Gemm', [turned('a'), any('b'), maybe(any('c'))], 'first'),
    op('Gemm', [any('a'), turned('b'), maybe(any('c'))], 'second'),
  ),
  rewrite({ a, b, c, first }, draft) {
    const gemm = draft.root
    const name = first === undefined ? 'transB' : 'transA'
    const flipped = int(1 - intOf(gemm, name, 0))
    return draft.op('Gemm', c === null ? [a, b] : [a, b, c], new Map([...gemm.attributes, [name, flipped]]))
  },
})
