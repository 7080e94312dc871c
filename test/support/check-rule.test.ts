import { describe, expect, it } from 'vitest'
import { any, op } from '../../core/rewrite/pattern.ts'
import { reject, rule } from '../../core/rewrite/rule.ts'
import { checkLeaves, checkRejects, checkRule } from './check-rule.ts'

const pattern = op('Relu', [any('x')])
const before = '(x: float32[2, 3]) -> (y)\na = Relu(x)\ny = Neg(a)'
const base = { summary: '', fidelity: 'rounding', pattern } as const

describe('the test kit of rules', () => {
  it('accepts a rule that does what it says', async () => {
    const clip = rule({ ...base, id: 'clip', rewrite: ({ x }, draft) => draft.op('Max', [x, draft.scalar(0)]) })
    await checkRule(clip, { before, after: 'a = Max(x, float32 0.0)\ny = Neg(a)' })
  })

  it('fails a rule that doubles an output', async () => {
    const doubling = rule({ ...base, id: 'doubling', rewrite: ({ x }, draft) => draft.op('Mul', [draft.op('Abs', [x]), draft.scalar(2)]) })
    await expect(checkRule(doubling, { before, after: 'a = Abs(x)\nb = Mul(a, float32 2.0)\ny = Neg(b)' })).rejects.toThrow(
      /output 'y': element \d+ is/,
    )
  })

  it('fails an output that is off by a thousandth', async () => {
    const off = rule({
      ...base,
      id: 'off',
      rewrite: ({ x }, draft) => draft.op('Mul', [draft.op('Max', [x, draft.scalar(0)]), draft.scalar(1.001)]),
    })
    await expect(checkRule(off, { before, after: 'a = Max(x, float32 0.0)\nb = Mul(a, float32 1.001)\ny = Neg(b)' })).rejects.toThrow(
      'apart',
    )
  })

  it('fails another graph than expected', async () => {
    const clip = rule({ ...base, id: 'clip', rewrite: ({ x }, draft) => draft.op('Max', [x, draft.scalar(0)]) })
    await expect(checkRule(clip, { before, after: 'a = Max(x, float32 1.0)\ny = Neg(a)' })).rejects.toThrow()
  })

  it('fails a rule that does nothing, one that matches again, and one that the runtime refuses', async () => {
    const nothing = rule({ ...base, id: 'nothing', rewrite: () => reject('never') })
    await expect(checkRule(nothing, { before, after: 'a = Relu(x)\ny = Neg(a)' })).rejects.toThrow('nothing did nothing')
    const unknown = rule({ ...base, id: 'unknown', rewrite: ({ x }, draft) => draft.op('NoSuchOperator', [x]) })
    await expect(checkRule(unknown, { before, after: 'a = NoSuchOperator(x)\ny = Neg(a)' })).rejects.toThrow(/NoSuchOperator/)
  })

  it('fails a refusal with another sentence, and a rule that should leave a graph alone', () => {
    const nothing = rule({ ...base, id: 'nothing', rewrite: () => reject('never') })
    checkRejects(nothing, before, 'never')
    expect(() => checkRejects(nothing, before, 'not today')).toThrow()
    const eager = rule({ ...base, id: 'eager', rewrite: ({ x }, draft) => draft.op('Abs', [x]) })
    expect(() => checkRejects(eager, before, 'never')).toThrow('eager changed the graph')
    expect(() => checkLeaves(eager, before)).toThrow('eager changed the graph')
  })
})
