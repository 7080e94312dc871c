import { any, oneOf, op, scalar } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { draftProduct, objectionTo, productOf, products } from './product.ts'

const times = (name: 'a' | 'b') => op('Mul', [any(name), scalar('factor')], { shared: true })
const over = (name: 'a' | 'b') => op('Div', [any(name), scalar('divisor')], { shared: true })
const product = op(products, [any('a'), any('b')], 'product')

export const fuseScaleIntoMatmul = rule({
  id: 'fuse-scale-into-matmul',
  summary: 'A factor before or after a product of activations is the alpha of FusedMatMul.',
  fidelity: 'rounding',
  pattern: oneOf(
    op('Mul', [product, scalar('factor')]),
    op('Div', [product, scalar('divisor')]),
    op(products, [oneOf(times('a'), over('a')), any('b')]),
    op(products, [any('a'), oneOf(times('b'), over('b'))]),
  ),
  rewrite({ a, b, product, factor, divisor }, draft) {
    const node = product ?? draft.root
    const objection = objectionTo(a, b)
    if (objection !== null) return reject(objection, node)
    const own = productOf(node)
    return draftProduct(draft, a, b, { ...own, alpha: own.alpha * (factor ?? 1 / (divisor ?? 1)) })
  },
})
