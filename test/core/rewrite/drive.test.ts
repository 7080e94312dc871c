import { describe, expect, it } from 'vitest'
import { drive } from '../../../core/rewrite/drive.ts'
import { any, op, shared } from '../../../core/rewrite/pattern.ts'
import { reject, rule } from '../../../core/rewrite/rule.ts'
import { modelOf, modelText } from '../../support/graph.ts'

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
  return { text: modelText(model, { names: 'canonical' }).split('\n').slice(2).join('\n'), driven, model }
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
})

describe('order', () => {
  const to = (id: string, type: string) =>
    rule({ id, summary: '', fidelity: 'exact', pattern: op('Relu', [any('x')]), rewrite: ({ x }, draft) => draft.op(type, [x]) })

  it('4.1 takes the first rule of the list that applies, and looks at the surroundings again', () => {
    const source = '(x: float32[2]) -> (y)\na = Relu(x)\ny = Neg(a)'
    expect(body(source, [to('first', 'Abs'), to('second', 'Sqrt')]).text).toBe('%1 = Abs(x)\ny = Neg(%1)')
    const above = rule({
      id: 'above',
      summary: '',
      fidelity: 'exact',
      pattern: op('Neg', [op('Abs', [any('x')])]),
      rewrite: ({ x }, draft) => draft.op('Sqrt', [x]),
    })
    expect(body(source, [above, to('first', 'Abs')]).text).toBe('y = Sqrt(x)')
  })

  it('2.4 goes on with other alternatives at a node when one is refused', () => {
    const picky = rule({
      id: 'picky',
      summary: '',
      fidelity: 'exact',
      pattern: op('Add', [any('x'), op('Neg', [any('z')])]),
      rewrite: ({ x, z }, draft) => (x.name === 'p' ? reject('not p') : draft.op('Sub', [x, z])),
    })
    expect(body('(x: float32[2], z: float32[2]) -> (y)\np = Neg(x)\nq = Neg(z)\ny = Add(p, q)', [picky]).text).toBe(
      '%1 = Neg(z)\ny = Sub(%1, x)',
    )
  })

  it('3.4 removes what only replaced nodes read, keeps what others read, and leaves constants', () => {
    const drop = rule({
      id: 'drop',
      summary: '',
      fidelity: 'exact',
      pattern: op('Where', [any(), any('x'), any()]),
      rewrite: ({ x }, draft) => draft.op('Abs', [x]),
    })
    const { text, model } = body(
      '(x: float32[2]) -> (y, z)\nk = float32[2]\na = Exp(x)\nb = Less(a, k)\nc = Sqrt(x)\nd = Neg(c)\ny = Where(b, x, d)\nz = Relu(c)',
      [drop],
    )
    expect(text).toMatch(/y = Abs\(x\)/)
    expect(text).not.toMatch(/Exp|Less|Neg/)
    expect(text).toMatch(/Sqrt/)
    expect(model.graph.initializers.map(({ name }) => name)).toEqual(['k'])
  })
})

describe('replacing', () => {
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
