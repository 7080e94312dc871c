import { intOf } from '../../ir/attributes.ts'
import { any, maybe, op } from '../../rewrite/pattern.ts'
import { Rejection, reject, rule } from '../../rewrite/rule.ts'
import { sameDim } from '../../shapes/dim.ts'
import { shapeOf } from '../../shapes/shape-facts.ts'
import { readSelection, selectedFirst, selectionOf } from './selection.ts'

export const selectQueriesFirst = rule({
  id: 'select-queries-first',
  summary: 'Attention is computed for the queries whose result is read; keys and values stay whole.',
  fidelity: 'rounding',
  pattern: selectionOf(op('lathe.Attention', [any('query'), any('key'), any('value'), maybe(any('mask'))], 'inner')),
  rewrite(found, draft) {
    const { query, key, value, mask, inner } = found
    const selection = readSelection(found, inner)
    if (selection instanceof Rejection) return selection
    if (selection.axis !== 1) return reject('it does not select among positions', found.select)
    // Kernels for fewer key heads know a mask only as causal, which that of some queries is not.
    if (mask !== null && intOf(inner, 'heads', 0) !== intOf(inner, 'kv_heads', 0)) return reject('the mask has to stay causal', mask)
    const shape = mask === null ? [] : shapeOf(mask)
    if (shape === null) return reject('the shape of the mask is not known', mask)
    const rows = shape.length - 2
    const isOfAll = mask === null || rows < 0 || shape[rows] === 1
    if (!isOfAll && !sameDim(shape[rows] ?? null, shapeOf(query)?.[1] ?? null))
      return reject('it cannot be told whether the mask is of each query', mask)
    const masked = isOfAll ? mask : selection.take(mask, rows, draft)
    const inputs = [selection.take(query, 1, draft), key, value, ...(masked === null ? [] : [masked])]
    const computed = draft.op('lathe.Attention', inputs, inner.attributes, { name: inner.name, standsFor: inner })
    return selectedFirst(selection, { select: found.select, inner, computed }, draft)
  },
})
