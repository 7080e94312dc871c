import { describe, expect, it } from 'vitest'
import { dropDeadCode } from '../../../../core/rules/tidy/drop-dead-code.ts'
import { checkRule } from '../../../support/check-rule.ts'
import { modelOf } from '../../../support/graph.ts'

describe('drop-dead-code', () => {
  it('removes nodes and constants', () =>
    checkRule(dropDeadCode, {
      before: `(x: float32[2, 3]) -> (y)
w = float32[3]
a = Neg(x)
b = Add(a, w)
y = Relu(x)`,
      after: `y = Relu(x)`,
    }))

  it('removes what nobody reads of domains that are not known, too', () => {
    const model = modelOf('(x: float32[2, 3]) -> (y)\na = mine.Logged(x)\ny = Relu(x)')
    expect(dropDeadCode.sweep(model)).toBe(1)
    expect(model.graph.nodes.map(({ opType }) => opType)).toEqual(['Relu'])
  })
})
