import { describe, expect, it } from 'vitest'
import { textOf } from '../../../core/ir/text.ts'
import { drive } from '../../../core/rewrite/drive.ts'
import { any, constant, maybe, oneOf, op, rest, scalar, shared, through, together } from '../../../core/rewrite/pattern.ts'
import { reject, rule } from '../../../core/rewrite/rule.ts'
import { explain } from '../../../core/rewrite/trace.ts'
import { modelOf } from '../../support/graph.ts'

const doubleNeg = rule({
  id: 'double-neg',
  summary: 'Two negations are none.',
  fidelity: 'exact',
  pattern: op('Neg', [op('Neg', [any('x')])]),
  rewrite: ({ x }) => x,
})

const body = (text: string, rules: Parameters<typeof drive>[1]) => {
  const model = modelOf(text)
  const driven = drive(model, rules)
  return { text: textOf(model, { names: 'canonical' }).split('\n').slice(2).join('\n'), driven, model }
}

describe('driver', () => {
  it('4.2 comes to a fixed point', () => {
    const { text, driven } = body('(x: float32[2]) -> (y)\na = Neg(x)\nb = Neg(a)\nc = Neg(b)\nd = Neg(c)\ny = Relu(d)', [doubleNeg])
    expect(text).toBe('y = Relu(x)')
    expect(driven.counts.get('double-neg')).toBe(2)
  })

  it('2.3 leaves an interior value alone that others read, unless the pattern shares it', () => {
    const source = '(x: float32[2]) -> (y, z)\na = Neg(x)\nb = Neg(a)\ny = Relu(b)\nz = Relu(a)'
    expect(body(source, [doubleNeg]).driven.changed).toBe(false)
    const free = rule({ ...doubleNeg, pattern: op('Neg', [shared(op('Neg', [any('x')]))]), rewrite: ({ x }) => x })
    expect(body(source, [free]).text).toBe('y = Relu(x)\n%1 = Neg(x)\nz = Relu(%1)')
  })

  it('3.5, 3.6, 3.7 keeps names, origins and correspondences', () => {
    const merge = rule({
      id: 'merge',
      summary: 'Merges.',
      fidelity: 'exact',
      pattern: op('Relu', [op('Abs', [any('x')])]),
      rewrite: ({ x }, draft) => draft.op('Abs', [x]),
    })
    const { model } = body('(x: float32[2]) -> (y)\na = Abs(x)\nb = Relu(a)\ny = Neg(b)', [merge])
    const [abs] = model.graph.nodes
    expect(abs?.outputs[0]?.name).toBe('b')
    expect([...(abs?.origins ?? [])].sort()).toEqual(['0', '1'])
    expect(model.lineage.changes).toEqual([{ rule: 'merge', reason: 'Merges.', removed: ['1', '0'], added: [abs?.id] }])
    expect(model.lineage.values).toEqual([{ old: 'b', by: abs?.outputs[0]?.id, map: { kind: 'identity' }, rule: 'merge' }])
  })

  it('4.3 stops rules that undo each other', () => {
    const flip = (from: string, to: string) =>
      rule({ id: `to-${to}`, summary: '', fidelity: 'exact', pattern: op(from, [any('x')]), rewrite: ({ x }, draft) => draft.op(to, [x]) })
    expect(() => body('(x: float32[2]) -> (y)\ny = Relu(x)', [flip('Relu', 'Abs'), flip('Abs', 'Relu')])).toThrow('did not come to an end')
  })

  it('3.2 undoes the draft of a refusal and records nothing', () => {
    const refusing = rule({
      id: 'refusing',
      summary: '',
      fidelity: 'exact',
      pattern: op('Relu', [any('x')]),
      rewrite({ x }, draft) {
        draft.op('Abs', [draft.op('Add', [x, draft.scalar(1)])])
        return reject('no')
      },
    })
    const { text, model } = body('(x: float32[2]) -> (y)\ny = Relu(x)', [refusing])
    expect(text).toBe('y = Relu(x)')
    expect(model.graph.initializers).toEqual([])
    expect(model.lineage.changes).toEqual([])
  })

  it('2.2 works inside subgraphs and does not reach out of them', () => {
    const { text } = body(
      '(x: float32[2], c: bool[]) -> (y)\nn = Neg(x)\ny = If(c) {then_branch: { () -> (t)\n m = Neg(n)\n t = Relu(m) }, else_branch: { () -> (e)\n p = Neg(x)\n q = Neg(p)\n e = Relu(q) }}',
      [doubleNeg],
    )
    expect(text).toContain('e = Relu(x)')
    expect(text).toContain('t = Relu(')
    expect(text).toContain('= Neg(x)')
  })

  it('1.11 replaces several roots that share an input together', () => {
    const pair = rule({
      id: 'pair',
      summary: '',
      fidelity: 'exact',
      pattern: together(op('MatMul', [any('x'), constant('a')]), op('MatMul', [any('x'), constant('b')])),
      rewrite: ({ x }, draft) => draft.ops('Pair', [x], {}, 2),
    })
    expect(body('(x: float32[2, 2]) -> (y)\na = MatMul(x, float32[2, 2])\nb = MatMul(x, float32[2, 2])\ny = Add(a, b)', [pair]).text).toBe(
      '%1, %2 = Pair(x)\ny = Add(%1, %2)',
    )
  })
})

describe('replacing', () => {
  it('3.3 refuses to join roots of which one depends on the other', () => {
    const pair = rule({
      id: 'pair',
      summary: '',
      fidelity: 'exact',
      pattern: together(op('Add', [any('x'), any('p')]), op('Sub', [any('x'), any('q')])),
      rewrite: ({ x, p, q }, draft) => draft.ops('Pair', [x, p, q], {}, 2),
    })
    const circle = '(x: float32[2], z: float32[2]) -> (y)\na = Add(x, z)\nr = Relu(a)\ny = Sub(x, r)'
    expect(body(circle, [pair]).driven.changed).toBe(false)
  })

  it('3.1 replaces an interior value that others read, where the rewrite says so', () => {
    const sum = rule({
      id: 'sum',
      summary: '',
      fidelity: 'exact',
      pattern: op('Relu', [op('Add', [any('a'), any('b')], { name: 'add', shared: true })], 'relu'),
      rewrite({ a, b, add, relu }, draft) {
        const [whole, part] = draft.ops('Both', [a, b], {}, 2) as [typeof a, typeof a]
        return {
          replace: [
            { old: relu.outputs[0] as typeof a, by: whole },
            { old: add.outputs[0] as typeof a, by: part },
          ],
        }
      },
    })
    const { text } = body('(x: float32[2], z: float32[2]) -> (y, w)\ns = Add(x, z)\ny = Relu(s)\nw = Neg(s)', [sum])
    expect(text).toBe('y, %1 = Both(x, z)\nw = Neg(%1)')
  })

  it('3.8 imports the operator sets that new nodes need', () => {
    const foreign = rule({ ...doubleNeg, id: 'foreign', rewrite: ({ x }, draft) => draft.op('some.domain.Thing', [x as never]) })
    const { model } = body('(x: float32[2]) -> (y)\na = Neg(x)\ny = Neg(a)', [foreign])
    expect(model.opsets.get('some.domain')).toBe(1)
  })

  it('3.5 gives every new node a name of its own', () => {
    const split = rule({
      id: 'split',
      summary: '',
      fidelity: 'exact',
      pattern: op('Softplus', [any('x')]),
      rewrite: ({ x }, draft) => draft.op('Log', [draft.op('Exp', [draft.op('Exp', [x])])]),
    })
    const model = modelOf('(x: float32[2]) -> (y)\na = Softplus(x)\ny = Softplus(a)')
    model.graph.nodes.forEach((node, i) => {
      model.graph.renameNode(node, `act${i}`)
    })
    drive(model, [split])
    expect(model.graph.nodes.map(({ name }) => name)).toEqual(['act0/Exp', 'act0/Exp_2', 'act0', 'act1/Exp', 'act1/Exp_2', 'act1'])
  })
})

describe('patterns', () => {
  const matches = (pattern: Parameters<typeof rule>[0]['pattern'], text: string) => {
    let captured: unknown = null
    const probe = rule({
      id: 'probe',
      summary: '',
      fidelity: 'exact',
      pattern,
      rewrite(found, draft) {
        captured = found
        return draft.op('Done', [])
      },
    })
    drive(modelOf(text), [probe])
    return captured as Record<string, { name: string }> | null
  }

  it('1.3 try commutative operators both ways', () => {
    expect(matches(op('Add', [scalar(1), any('x')]), '(x: float32[2]) -> (y)\ny = Add(x, float32 1.0)')?.x?.name).toBe('x')
    expect(matches(op('Sub', [scalar(1), any('x')]), '(x: float32[2]) -> (y)\ny = Sub(x, float32 1.0)')).toBeNull()
  })

  it('1.7 compare constants within tolerance and capture them as numbers', () => {
    expect(matches(op('Mul', [any('x'), scalar(Math.SQRT1_2)]), '(x: float32[2]) -> (y)\ny = Mul(x, float32 0.70710677)')).not.toBeNull()
    expect(matches(op('Mul', [any('x'), scalar(0.5)]), '(x: float32[2]) -> (y)\ny = Mul(x, float32 0.70710677)')).toBeNull()
    expect(matches(op('Mul', [any('x'), scalar('k')]), '(x: float32[2]) -> (y)\ny = Mul(x, float32[1, 1] {3})')?.k).toBe(3)
  })

  it('1.8 treat a repeated capture as the same value', () => {
    const square = op('Mul', [any('x'), any('x')])
    expect(matches(square, '(x: float32[2]) -> (y)\ny = Mul(x, x)')).not.toBeNull()
    expect(matches(square, '(x: float32[2], z: float32[2]) -> (y)\ny = Mul(x, z)')).toBeNull()
  })

  it('1.2, 1.4, 1.5, 1.9 take optional, variadic and alternative inputs', () => {
    const conv = op('Conv', [any('x'), constant('w'), maybe(constant('b'))])
    expect(matches(conv, '(x: float32[1, 2, 3, 3]) -> (y)\ny = Conv(x, float32[2, 2, 1, 1])')).toMatchObject({ b: null })
    expect(
      matches(op('Concat', [any('first'), rest('others')]), '(x: float32[2], z: float32[2]) -> (y)\ny = Concat(x, z, x) {axis: 0}')?.others,
    ).toHaveLength(2)
    expect(
      matches(op('Relu', [oneOf(op('Abs', [any('a')]), op('Neg', [any('n')]))]), '(x: float32[2]) -> (y)\nq = Neg(x)\ny = Relu(q)'),
    ).toMatchObject({
      n: { name: 'x' },
    })
    expect(
      matches(op('Relu', [through('Cast', op('Neg', [any('x')]))]), '(x: float32[2]) -> (y)\nq = Neg(x)\nc = Cast(q) {to: 1}\ny = Relu(c)'),
    ).not.toBeNull()
  })

  it('1.10 check attributes', () => {
    const text = '(x: float32[2, 2]) -> (y)\ny = Transpose(x) {perm: [1, 0]}'
    expect(matches(op('Transpose', [any('x')], { attributes: { perm: [1, 0] } }), text)).not.toBeNull()
    expect(matches(op('Transpose', [any('x')], { attributes: { perm: [0, 1] } }), text)).toBeNull()
  })
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
    const before = textOf(model)
    expect(explain(model, [doubleNeg]).fusable).toEqual([{ rule: 'double-neg', instances: [{ rule: 'double-neg', nodes: ['1', '0'] }] }])
    expect(textOf(model)).toBe(before)
  })
})
