import { describe, it } from 'vitest'
import { einsumToMatmul } from '../../../../core/rules/linear/einsum-to-matmul.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

const einsum = (equation: string, a: string, b: string) =>
  `(a: float32[${a}], b: float32[${b}]) -> (y)\ny = Einsum(a, b) {equation: "${equation}"}`

describe('einsum-to-matmul', () => {
  it('multiplies queries and keys of heads', () =>
    checkRule(einsumToMatmul, {
      before: einsum('bhid, bhjd -> bhij', 'n, 2, s, 4', 'n, 2, t, 4'),
      after: `k = Transpose(b) {perm: [0, 1, 3, 2]}
y = MatMul(a, k)`,
    }))

  it('puts heads that stand behind the length before it, and back', () =>
    checkRule(einsumToMatmul, {
      before: einsum('acbe,aecd->abcd', 'n, 2, s, t', 'n, t, 2, 4'),
      after: `v = Transpose(b) {perm: [0, 2, 1, 3]}
c = MatMul(a, v)
y = Transpose(c) {perm: [0, 2, 1, 3]}`,
    }))

  it('takes the operand whose axis comes last for the right one', () =>
    checkRule(einsumToMatmul, {
      before: einsum('aecd,abcd->acbe', 'n, t, 2, 4', 'n, s, 2, 4'),
      after: `q = Transpose(b) {perm: [0, 2, 1, 3]}
k = Transpose(a) {perm: [0, 2, 3, 1]}
y = MatMul(q, k)`,
    }))

  it('multiplies and takes apart the heads of a dense layer', () =>
    checkRule(einsumToMatmul, {
      before: einsum('abc,cde->abde', 'n, s, 8', '8, 2, 4'),
      after: `w = Reshape(b, int64[2] {8, 8})
m = MatMul(a, w)
y = Reshape(m, int64[4] {0, 0, 2, 4})`,
    }))

  it('sums over heads and their size at once', () =>
    checkRule(einsumToMatmul, {
      before: einsum('abcd,cde->abe', 'n, s, 2, 4', '2, 4, 6'),
      after: `r = Reshape(a, int64[3] {0, 0, 8})
w = Reshape(b, int64[2] {8, 6})
y = MatMul(r, w)`,
    }))

  it('multiplies all heads with the one key that they share', () =>
    checkRule(einsumToMatmul, {
      before: einsum('bhid,bjd->bhij', 'n, 2, s, 4', 'n, t, 4'),
      after: `k = Transpose(b) {perm: [0, 2, 1]}
u = Unsqueeze(k, int64[1] {1})
y = MatMul(a, u)`,
    }))

  it('leaves sums over one operand', () =>
    checkRejects(einsumToMatmul, einsum('bij,bjk->bk', 'n, s, 4', 'n, 4, 6'), 'it sums over an axis of one operand'))

  it('leaves products without a sum', () =>
    checkRejects(einsumToMatmul, einsum('bi,bj->bij', 'n, 4', 'n, 6'), 'it is no product of matrices'))

  it('leaves sizes that might be stretched', () =>
    checkRejects(einsumToMatmul, einsum('ij,jk->ik', '3, m', 'n, 4'), "the sizes of 'j' are not known to be equal"))

  it('leaves products of vectors at many places', () =>
    checkRejects(einsumToMatmul, einsum('bhld,lrd->bhlr', 'n, 2, 5, 4', '5, 7, 4'), 'it is many products of vectors'))

  it('leaves diagonals', () => checkRejects(einsumToMatmul, einsum('bii,bij->bj', 'n, 3, 3', 'n, 3, 4'), 'it takes a diagonal'))

  it('leaves equations that are not written out', () =>
    checkRejects(einsumToMatmul, einsum('...ij,jk->...ik', 'n, 5, 4', '4, 6'), 'with all letters written out'))
})
