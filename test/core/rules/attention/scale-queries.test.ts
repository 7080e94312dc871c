import { describe, it } from 'vitest'
import { scaleQueries } from '../../../../core/rules/attention/scale-queries.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

const heads = '(q: float32[batch, 3, 5, 4], k: float32[batch, 3, 4, 5], b: float32[1, 3, 5, 5]) -> (y)'

describe('scale-queries', () => {
  it('scales the queries of each head', () =>
    checkRule(scaleQueries, {
      before: `${heads}
m = MatMul(q, k)
s = Mul(m, float32[3, 1, 1])
a = Add(s, b)
y = Softmax(a)`,
      after: `s = Mul(q, float32[3, 1, 1])
m = MatMul(s, k)
a = Add(m, b)
y = Softmax(a)`,
    }))

  it('leaves a scale of each query', () =>
    checkRejects(
      scaleQueries,
      `${heads}
m = MatMul(q, k)
s = Mul(m, float32[3, 5, 1])
a = Add(s, b)
y = Softmax(a)`,
      'the scale is not one of each head',
    ))

  it('leaves products that are no scores', () =>
    checkRejects(
      scaleQueries,
      `${heads}
m = MatMul(q, k)
s = Mul(m, float32[3, 1, 1])
y = Add(s, b)`,
      'what is scaled are no scores of attention',
    ))
})
