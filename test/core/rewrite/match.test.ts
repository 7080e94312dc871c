import { describe, expect, it } from 'vitest'
import { drive } from '../../../core/rewrite/drive.ts'
import { any, constant, maybe, oneOf, op, rest, scalar, through } from '../../../core/rewrite/pattern.ts'
import { rule } from '../../../core/rewrite/rule.ts'
import { modelOf } from '../../support/graph.ts'

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

  it('1.1 match the node that computes a value, by type and domain, one of several types, or any', () => {
    const text = '(x: float32[2]) -> (y)\na = com.microsoft.Gelu(x)\ny = Relu(a)'
    expect(matches(op('Relu', [op('Gelu', [any('x')])]), text)).toBeNull()
    expect(matches(op('Relu', [op('com.microsoft.Gelu', [any('x')])]), text)?.x?.name).toBe('x')
    expect(matches(op(['Abs', 'Relu'], [op(['Neg', 'com.microsoft.Gelu'], [any('x')])]), text)?.x?.name).toBe('x')
    expect(matches(op('Relu', [op('*', [any('x')])]), text)?.x?.name).toBe('x')
    expect(matches(op('Relu', [op('*', [op('*', [any('x')])])]), text)).toBeNull()
  })

  it('2.1 begin at the root and go against the flow of data', () => {
    const text = '(x: float32[2]) -> (y, z)\na = Abs(x)\nb = Neg(a)\ny = Relu(b)\nz = Exp(x)'
    const found = matches(op('Relu', [op('Neg', [op('Abs', [any('x')], 'abs')], 'neg')], 'relu'), text)
    expect([found?.relu, found?.neg, found?.abs].map((node) => (node as unknown as { opType: string }).opType)).toEqual([
      'Relu',
      'Neg',
      'Abs',
    ])
  })

  it('1.6 take for constants what nothing can override, without reading it', () => {
    const pattern = op('Add', [any('x'), constant('c')])
    expect(matches(pattern, '(x: float32[2]) -> (y)\nc = float32[2]\ny = Add(x, c)')?.c?.name).toBe('c')
    expect(matches(pattern, '(x: float32[2], c: float32[2]) -> (y)\nc = float32[2]\ny = Add(x, c)')).toBeNull()
    const model = modelOf('(x: float32[2]) -> (y)\nc = float32[2]\ny = Add(x, c)')
    const tensor = model.graph.initializers[0]?.constant
    if (tensor == null) throw new Error('there is no constant')
    model.graph.setInitializer(model.graph.initializers[0] as never, {
      ...tensor,
      ref: tensor.ref,
      blob: tensor.blob,
      read: () => {
        throw new Error('it was read')
      },
    })
    const kept = rule({ id: 'kept', summary: '', fidelity: 'exact', pattern, rewrite: ({ x }, draft) => draft.op('Abs', [x]) })
    expect(drive(model, [kept]).changed).toBe(true)
  })

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
