import type { Node, Value } from '../../ir/value.ts'
import { any, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { sameDim } from '../../shapes/dim.ts'
import { shapeOf } from '../../shapes/shape-facts.ts'

/** Between scores and their Softmax stand terms, choices and views. */
const between: ReadonlySet<string> = new Set(['Add', 'Where', 'Reshape', 'Unsqueeze', 'Squeeze', 'Cast'])
const most = 6

/** Whether a value goes nowhere but into a Softmax. */
function reachesSoftmax(value: Value): boolean {
  for (let [at, steps] = [value, 0]; steps < most; steps++) {
    const [use, ...others] = at.uses
    if (use === undefined || others.length > 0 || use.node.domain !== '') return false
    if (use.node.opType === 'Softmax') return true
    if (!between.has(use.node.opType)) return false
    at = use.node.outputs[0] as Value
  }
  return false
}

/**
 * Swin V2 gives each head of its cosine attention a scale of its own, which it learns: that of the scores is that of the queries, and there
 * are fewer of them.
 */
export const scaleQueries = rule({
  id: 'scale-queries',
  summary: 'A scale of each head is put on its queries instead of its scores.',
  fidelity: 'rounding',
  housekeeping: true,
  pattern: op('Mul', [op('MatMul', [any('query'), any('keys')], 'product'), any('scale')], {
    name: 'scaling',
    when: (node: Node) => reachesSoftmax(node.outputs[0] as Value) || 'what is scaled are no scores of attention',
  }),
  rewrite({ query, keys, product, scale }, draft) {
    const [dims, shape] = [shapeOf(scale), shapeOf(query)]
    if (dims === null || dims.length < 3 || dims.at(-1) !== 1 || dims.at(-2) !== 1)
      return reject('the scale is not one of each head', scale)
    if (shape === null || shape.length < dims.length) return reject('the queries have fewer axes than their scale', query)
    const heads = dims.slice(0, -2)
    const own = shape.slice(-dims.length, -2)
    if (heads.some((dim, i) => dim !== 1 && !sameDim(dim, own[i] ?? null))) return reject('the scale is not one of each head', scale)
    return draft.op('MatMul', [draft.op('Mul', [query, scale]), keys], product.attributes)
  },
})
