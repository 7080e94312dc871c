import { int, intOf } from '../../ir/attributes.ts'
import { any, op, orAbsent } from '../../rewrite/pattern.ts'
import { rule } from '../../rewrite/rule.ts'

export const fuseTransposeOfGemm = rule({
  id: 'fuse-transpose-of-gemm',
  summary: 'A transposed product is the product of the transposed matrices in the other order.',
  fidelity: 'rounding',
  pattern: op('Transpose', [op('Gemm', [any('a'), any('b')], 'gemm')], { attributes: { perm: orAbsent([1, 0]) } }),
  rewrite({ a, b, gemm }, draft) {
    const flags = { transA: int(1 - intOf(gemm, 'transB', 0)), transB: int(1 - intOf(gemm, 'transA', 0)) }
    return draft.op('Gemm', [b, a], new Map([...gemm.attributes, ...Object.entries(flags)]))
  },
})
