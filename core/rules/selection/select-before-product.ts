import { any, op } from '../../rewrite/pattern.ts'
import { Rejection, reject, rule } from '../../rewrite/rule.ts'
import { rankOf } from '../../shapes/shape-facts.ts'
import { readSelection, selectedFirst, selectionOf } from './selection.ts'

/**
 * A classifier reads the first token of the last layer, and the exporter writes the product for all of them. In a transformer of four layers
 * that takes about a fifth of the time.
 */
export const selectBeforeProduct = rule({
  id: 'select-before-product',
  summary: 'Only the positions that are read are computed: a matrix product is given those rows alone.',
  fidelity: 'rounding',
  pattern: selectionOf(op('MatMul', [any('a'), any('b')], 'inner')),
  rewrite(found, draft) {
    const { a, b, inner } = found
    const selection = readSelection(found, inner)
    if (selection instanceof Rejection) return selection
    const [rank, other] = [rankOf(a), rankOf(b)]
    if (rank === null || other === null || rank < 2 || other < 2) return reject('a factor is a vector, or its shape is not known', inner)
    const fromEnd = selection.axis - Math.max(rank, other)
    if (fromEnd === -1) return reject('it selects columns', inner)
    if (fromEnd !== -2 && (other > 2 || rank + fromEnd < 0)) return reject('it selects among products', inner)
    const rows = selection.take(a, rank + fromEnd, draft)
    const computed = draft.op('MatMul', [rows, b], inner.attributes, { name: inner.name, standsFor: inner })
    return selectedFirst(selection, { select: found.select, inner, computed }, draft)
  },
})
