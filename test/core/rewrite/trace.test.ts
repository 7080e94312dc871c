import { describe, expect, it } from 'vitest'
import { any, constant, oneOf, op, scalar } from '../../../core/rewrite/pattern.ts'
import { reject, rule } from '../../../core/rewrite/rule.ts'
import { explain } from '../../../core/rewrite/trace.ts'
import { modelOf, modelText } from '../../support/graph.ts'

const doubleNeg = rule({
  id: 'double-neg',
  summary: 'Two negations are none.',
  fidelity: 'exact',
  pattern: op('Neg', [op('Neg', [any('x')])]),
  rewrite: ({ x }) => x,
})

describe('near-misses', () => {
  it('5.2, 5.3, 5.4 tell the furthest point and the reason, and refusals', () => {
    const gelu = rule({
      id: 'gelu',
      summary: '',
      fidelity: 'rounding',
      pattern: op('Mul', [any('x'), op('Add', [op('Erf', [op('Div', [any('x'), scalar(Math.SQRT2)])]), scalar(1)])]),
      rewrite: () => reject('not today'),
    })
    const near = modelOf('(x: float32[2]) -> (y)\nd = Div(x, float32 1.5)\ne = Erf(d)\na = Add(e, float32 1.0)\ny = Mul(x, a)')
    expect(explain(near, [gelu]).nearMisses).toMatchObject([
      { rule: 'gelu', reason: 'the constant is 1.5, not 1.4142135623730951', matched: 4, size: 4 },
    ])
    const whole = modelOf('(x: float32[2]) -> (y)\nd = Div(x, float32 1.4142135)\ne = Erf(d)\na = Add(e, float32 1.0)\ny = Mul(x, a)')
    expect(explain(whole, [gelu]).nearMisses).toMatchObject([{ reason: 'not today' }])
    const far = modelOf('(x: float32[2]) -> (y)\na = Sigmoid(x)\ny = Mul(x, a)')
    expect(explain(far, [gelu]).nearMisses).toEqual([])
  })

  const gated = rule({
    id: 'gated',
    summary: '',
    fidelity: 'rounding',
    pattern: oneOf(
      op('Mul', [op('Mul', [any('x'), op('Add', [op('Erf', [op('Div', [any('x'), scalar(2)])]), scalar(1)])]), scalar(0.5)]),
      op('Mul', [any('x'), op('Mul', [op('Add', [op('Erf', [op('Div', [any('x'), scalar(2)])]), scalar(1)]), scalar(0.5)])]),
    ),
    rewrite: ({ x }) => x,
  })
  const gate = (divisor: string, output = 'y') =>
    modelOf(
      `(x: float32[2]) -> (y${output === 'y' ? '' : `, ${output}`})\nd = Div(x, ${divisor})\ne = Erf(d)\na = Add(e, float32 1.0)\nh = Mul(float32 0.5, a)\ny = Mul(x, h)`,
    )

  it('5.4 prefer what came further by its inputs, and a whole match, to alternatives of as many operators', () => {
    expect(explain(gate('float32 3.0'), [gated]).nearMisses).toMatchObject([
      { reason: 'the constant is 3, not 2', at: ['0'], value: expect.any(String) },
    ])
    expect(explain(gate('float32 2.0', 'e'), [gated]).nearMisses).toMatchObject([
      { reason: 'the result of Erf is also an output of the graph', at: ['1'], matched: 5 },
    ])
  })

  it('5.2 count an operator whose attribute or condition is not met', () => {
    const over = rule({
      id: 'over',
      summary: '',
      fidelity: 'exact',
      pattern: op('Neg', [op('Abs', [op('Softmax', [op('Exp', [any('x')])], { attributes: { axis: 1 } })])]),
      rewrite: ({ x }) => x,
    })
    const model = modelOf('(x: float32[2, 3]) -> (y)\ne = Exp(x)\ns = Softmax(e) {axis: 0}\na = Abs(s)\ny = Neg(a)')
    expect(explain(model, [over]).nearMisses).toMatchObject([{ reason: "attribute 'axis' is 0, not 1", at: ['1'], matched: 3, size: 4 }])
  })

  it('5.2 say nothing of parts that stand everywhere, nor of constants that never were', () => {
    const sums = modelOf('(x: float32[2], z: float32[2]) -> (y)\na = Add(x, z)\nh = Mul(float32 0.5, a)\ny = Mul(x, h)')
    expect(explain(sums, [gated]).nearMisses).toEqual([])
    const scaled = rule({
      id: 'scaled',
      summary: '',
      fidelity: 'rounding',
      pattern: op('Mul', [op('MatMul', [any('x'), constant('w')]), constant('k')]),
      rewrite: ({ x }) => x,
    })
    const text = '(x: float32[2, 2], k: float32[2]) -> (y)\np = MatMul(x, float32[2, 2])\ny = Mul(p, k)'
    expect(explain(modelOf(text), [scaled]).nearMisses).toEqual([])
    expect(explain(modelOf(text.replace('\n', '\nk = float32[2]\n')), [scaled]).nearMisses).toMatchObject([
      { reason: "'k' is also an input of the graph, so its value is no constant", at: ['1'], value: 'k' },
    ])
  })

  it('5.3 name no node that rewriting made', () => {
    const first = rule({
      id: 'first',
      summary: '',
      fidelity: 'exact',
      pattern: op('Relu', [any('x')]),
      rewrite: ({ x }, draft) => draft.op('Abs', [x]),
    })
    const second = rule({ ...doubleNeg, id: 'second' })
    const model = modelOf('(x: float32[2]) -> (y, z)\na = Neg(x)\ny = Neg(a)\nz = Relu(a)')
    expect(explain(model, [first, second]).nearMisses).toMatchObject([
      { rule: 'second', reason: 'the result of Neg is also read by an Abs' },
    ])
  })

  it('5.4 do not tell of a part of what another rule matches wholly', () => {
    const outer = rule({
      id: 'outer',
      summary: '',
      fidelity: 'exact',
      pattern: op('Mul', [op('Sqrt', [op('Exp', [op('Tanh', [op('Sigmoid', [any('x')])])])]), scalar(2)]),
      rewrite: () => reject('not today'),
    })
    const inner = rule({
      id: 'inner',
      summary: '',
      fidelity: 'exact',
      pattern: op('Sqrt', [op('Exp', [op('Tanh', [op('Relu', [any('x')])])])]),
      rewrite: ({ x }) => x,
    })
    const told = (factor: string) =>
      explain(modelOf(`(x: float32[2]) -> (y)\na = Sigmoid(x)\nb = Tanh(a)\nc = Exp(b)\nd = Sqrt(c)\ny = Mul(d, float32 ${factor})`), [
        outer,
        inner,
      ]).nearMisses.map(({ rule: id, reason }) => `${id}: ${reason}`)
    expect(told('2.0')).toEqual(['outer: not today'])
    expect(told('3.0')).toEqual(['outer: the constant is 3, not 2', 'inner: expected Relu, found Sigmoid'])
  })

  it('5.5, 5.6 come in the order of what they would bring, without those of rules that tidy', () => {
    const pair = rule({ ...doubleNeg, id: 'pair', rewrite: () => reject('never') })
    const tidies = rule({ ...pair, id: 'tidies', housekeeping: true })
    const triple = rule({ ...pair, id: 'triple', pattern: op('Neg', [op('Neg', [op('Abs', [any('x')])])]) })
    const model = modelOf('(x: float32[2]) -> (y)\na = Abs(x)\nb = Neg(a)\nc = Neg(b)\ny = Relu(c)')
    expect(explain(model, [pair, tidies]).nearMisses.map(({ rule }) => rule)).toEqual(['pair'])
    expect(explain(model, [triple]).nearMisses.map(({ rule }) => rule)).toEqual(['triple'])
    const two = modelOf('(x: float32[2]) -> (y, z)\na = Neg(x)\ny = Neg(a)\nb = Abs(x)\nc = Neg(b)\nz = Neg(c)')
    expect(explain(two, [pair, triple]).nearMisses.map(({ rule }) => rule)).toEqual(['triple', 'pair', 'pair'])
  })

  it('5.1 leave the model as it was', () => {
    const model = modelOf('(x: float32[2]) -> (y)\na = Neg(x)\nb = Neg(a)\ny = Relu(b)')
    const before = modelText(model)
    expect(explain(model, [doubleNeg]).fusable).toEqual([{ rule: 'double-neg', instances: [{ rule: 'double-neg', nodes: ['1', '0'] }] }])
    expect(modelText(model)).toBe(before)
  })
})
