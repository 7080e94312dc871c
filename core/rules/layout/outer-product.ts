import { any, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { shapeOf } from '../../shapes/shape-facts.ts'

export const outerProduct = rule({
  id: 'outer-product',
  summary: 'A matrix product over an axis of size 1 is a multiplication that broadcasts.',
  fidelity: 'exact',
  pattern: op('MatMul', [any('a'), any('b')]),
  rewrite({ a, b }, draft) {
    const [left, right] = [shapeOf(a), shapeOf(b)]
    if (left === null || right === null || left.length < 2 || right.length < 2)
      return reject('a shape is not known, or a vector', draft.root)
    return left.at(-1) === 1 && right.at(-2) === 1 ? draft.op('Mul', [a, b]) : reject('the axis is longer than 1', draft.root)
  },
})
