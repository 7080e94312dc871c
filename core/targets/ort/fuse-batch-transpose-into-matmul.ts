import { intsOf } from '../../ir/attributes.ts'
import type { Node, Value } from '../../ir/value.ts'
import { any, type Condition, oneOf, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { sameShape, shapeOf } from '../../shapes/shape-facts.ts'
import { draftProduct, objectionTo, productOf, products } from './product.ts'

/** [length, batch..., size] as matrices [batch..., length, size], or turned as well [batch..., size, length]. */
const turnsBatch: Condition<Node> = (node) => (turnOf(node) === null ? 'it does not move the first axis behind the batches' : true)

function turnOf(node: Node): { readonly turned: number } | null {
  const perm = intsOf(node, 'perm') ?? []
  const batches = Array.from({ length: perm.length - 2 }, (_, i) => i + 1)
  if (perm.length < 3) return null
  const last = perm.length - 1
  if (perm.join() === [...batches, 0, last].join()) return { turned: 0 }
  return perm.join() === [...batches, last, 0].join() ? { turned: 1 } : null
}

const batchesOf = (factor: Value, inside: number) => (inside === 1 ? shapeOf(factor)?.slice(1, -1) : shapeOf(factor)?.slice(0, -2)) ?? null

const moved = (name: 'a' | 'b') => op('Transpose', [any(name)], { name: 'moved', shared: true, when: turnsBatch })

export const fuseBatchTransposeIntoMatmul = rule({
  id: 'fuse-batch-transpose-into-matmul',
  summary: 'Batches that stand inside of the matrices of a product of activations are a flag of FusedMatMul.',
  fidelity: 'rounding',
  pattern: oneOf(op(products, [moved('a'), any('b')], 'first'), op(products, [any('a'), moved('b')], 'second')),
  rewrite({ a, b, first, moved }, draft) {
    const objection = objectionTo(a, b)
    if (objection !== null) return reject(objection, draft.root)
    const product = productOf(draft.root)
    const [left, right] = draft.root.inputs as readonly [Value, Value]
    if (!sameShape(batchesOf(left, product.transBatchA), batchesOf(right, product.transBatchB)))
      return reject('the factors are not known to have the same batches', draft.root)
    const side = first === undefined ? 'B' : 'A'
    if (product[`transBatch${side}`] !== 0) return reject('the product moves batches of it already', draft.root)
    const { turned } = turnOf(moved) as { turned: number }
    return draftProduct(draft, a, b, { ...product, [`transBatch${side}`]: 1, [`trans${side}`]: (product[`trans${side}`] + turned) % 2 })
  },
})
