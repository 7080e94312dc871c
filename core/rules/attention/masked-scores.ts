import type { Value } from '../../ir/value.ts'
import { any, type Condition, oneOf, op, scalar } from '../../rewrite/pattern.ts'

/**
 * Scores of attention on their way to the Softmax: the product, scaled, perhaps bounded by tanh, with up to two steps of a mask.
 * @param ofQuery what the first factor of the product must be
 */
export function maskedScores(ofQuery: Condition<Value> = () => true) {
  const product = op('MatMul', [any('query', ofQuery), any('keys')], 'product')
  const scaled = oneOf(op('Mul', [product, scalar('factor')], 'scaling'), op('Div', [product, scalar('divisor')], 'scaling'), product)
  const intoCap = oneOf(op('Div', [scaled, scalar('cap')]), op('Mul', [scaled, scalar('capped')]), scaled)
  const bounded = oneOf(op('Mul', [op('Tanh', [intoCap]), scalar('softcap')]), scaled)
  const first = oneOf(
    op('Add', [bounded, any('term1')]),
    op('Where', [any('open1'), bounded, scalar('fill1')]),
    op('Where', [any('closed1'), scalar('fill1'), bounded]),
    bounded,
  )
  return oneOf(
    op('Add', [first, any('term2')]),
    op('Where', [any('open2'), first, scalar('fill2')]),
    op('Where', [any('closed2'), scalar('fill2'), first]),
    first,
  )
}

interface Factors {
  readonly factor?: number
  readonly divisor?: number
  readonly cap?: number
  readonly capped?: number
  readonly softcap?: number
}

/** The factor on the scores; that on bounded ones, tanh(scores * a) * cap, is a * cap. */
export const factorOf = ({ factor = 1, divisor = 1, cap = 1, capped = 1, softcap = 1 }: Factors): number =>
  (factor / divisor) * (capped / cap) * softcap
