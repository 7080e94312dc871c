import { describe, expect, it } from 'vitest'
import { diffByDocument, diffByStructure } from '../../../core/diff/diff.ts'
import { matchNodes } from '../../../core/diff/match.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { modelOf } from '../../support/graph.ts'
import { sample } from '../../support/run-cli.ts'

const head = '(x: float32[2, 4]) -> (y: float32[2, 4])\nw = float32[4, 4]\nv = float32[4, 4]\nb = float32[4]'
const base = modelOf(`${head}
  h = MatMul(x, w)
  i = Add(h, b)
  r = Relu(i)
  y = MatMul(r, v)`)

const kinds = (text: string) => diffByStructure(base, modelOf(`${head}\n${text}`))

describe('a diff by structure', () => {
  it('finds a model equal to itself, under other names too', () => {
    const renamed = modelOf(`${head.replaceAll('w =', 'weights =')}
  one = MatMul(x, weights)
  two = Add(one, b)
  three = Relu(two)
  y = MatMul(three, v)`)
    const { summary, matchedBy } = diffByStructure(base, renamed)
    expect(matchedBy).toBe('structure')
    // The seeded weight follows its name, so its reader is the one that differs.
    expect(summary).toEqual({ same: 3, changed: 1, fused: 0, added: 0, removed: 0 })
    expect(diffByStructure(base, base.fork()).summary).toEqual({ same: 4, changed: 0, fused: 0, added: 0, removed: 0 })
  })

  it('tells one operator that stands for several as fused', () => {
    const { summary, pairs } = kinds('  r = Gemm(x, w, b)\n  s = Relu(r)\n  y = MatMul(s, v)')
    expect(summary).toMatchObject({ same: 2, fused: 1, removed: 0, added: 0 })
    expect(pairs.find(({ kind }) => kind === 'fused')).toMatchObject({ a: ['#0', '#1'], why: 'MatMul, Add became Gemm' })
  })

  it('tells another operator in the same place as changed', () => {
    const { pairs } = kinds('  h = MatMul(x, w)\n  i = Add(h, b)\n  r = Sigmoid(i)\n  y = MatMul(r, v)')
    expect(pairs.filter(({ kind }) => kind !== 'same')).toEqual([{ kind: 'changed', a: ['#2'], b: ['#2'], why: 'Relu became Sigmoid' }])
  })

  it('tells what is gone and what is new', () => {
    const less = kinds('  h = MatMul(x, w)\n  i = Add(h, b)\n  y = MatMul(i, v)')
    expect(less.summary).toMatchObject({ same: 3, removed: 1 })
    const more = kinds('  h = MatMul(x, w)\n  i = Add(h, b)\n  r = Relu(i)\n  t = Tanh(r)\n  y = MatMul(t, v)')
    expect(more.summary).toMatchObject({ same: 4, added: 1, removed: 0 })
  })

  it('names what differs in a pair', () => {
    const { pairs } = kinds('  h = MatMul(x, w)\n  i = Add(h, b)\n  r = Relu(i)\n  u = float32[4, 4]\n  y = MatMul(r, u)')
    expect(pairs.find(({ kind }) => kind === 'changed')!.why).toBe('weights of input 1')
  })

  it('looks into branches and loop bodies', () => {
    const branches = (inner: string, factor: string) =>
      modelOf(`(x: float32[2], c: bool) -> (y)
        y = If(c) {
          then_branch: { () -> (a)
            e = Exp(x)
            a = ${inner}(e) },
          else_branch: { () -> (b)
            b = Mul(x, ${factor}) }
        }`)
    const before = branches('Relu', 'float32 1.0')
    expect(diffByStructure(before, branches('Relu', 'float32 1.0')).summary).toMatchObject({ same: 4, changed: 0, added: 0, removed: 0 })
    const { pairs } = diffByStructure(before, branches('Tanh', 'float32 2.0'))
    expect(pairs.filter(({ kind }) => kind !== 'same')).toEqual([
      { kind: 'changed', a: ['#0/then_branch/#1'], b: ['#0/then_branch/#1'], why: 'Relu became Tanh' },
      { kind: 'changed', a: ['#0/else_branch/#0'], b: ['#0/else_branch/#0'], why: 'weights of input 1' },
    ])
  })

  it('calls nothing fused between networks that have nothing in common', () => {
    const other = modelOf(`(x: float32[2, 4]) -> (y: float32[2, 4])
  one = Gemm(x, float32[4, 16])
  two = Relu(one)
  three = Softmax(two)
  four = Tanh(three)
  y = Gemm(four, float32[16, 4])`)
    expect(diffByStructure(base, other).summary).toEqual({ same: 0, changed: 0, fused: 0, added: 5, removed: 4 })
    const digits = openModel(sample('digits-cnn', 'model.onnx'))
    const { summary, pairs } = diffByStructure(digits, base)
    expect(summary).toEqual({ same: 0, changed: 0, fused: 0, added: 4, removed: digits.graph.nodeCount })
    expect(pairs.find(({ kind }) => kind === 'added')).toMatchObject({ b: ['#0'], why: 'MatMul is new' })
  })

  it('calls another network before a common head no fusion', () => {
    const chain = (operator: string, count: number) =>
      Array.from({ length: count }, (_, at) => `  v${at} = ${operator}(${at === 0 ? 'x' : `v${at - 1}`})`).join('\n')
    const network = (operator: string, count: number) => modelOf(`${head}\n${chain(operator, count)}\n  y = MatMul(v${count - 1}, v)`)
    const { summary } = diffByStructure(network('Tanh', 20), network('Sigmoid', 15))
    expect(summary).toEqual({ same: 1, changed: 0, fused: 0, added: 15, removed: 20 })
  })

  it('matches every node of a real model with itself', () => {
    const path = sample('text-bert', 'model.onnx')
    const [a, b] = [openModel(path), openModel(path)]
    const pairs = matchNodes(a, b)
    expect(pairs.size).toBe(a.graph.nodeCount)
    for (const [node, other] of pairs) expect(other.id).toBe(node.id)
    expect(diffByStructure(a, b).summary.same).toBe(a.graph.nodeCount)
  })
})

describe('the diff by a document', () => {
  it('names each rule once, and the stage where a pass changed a node by itself', () => {
    const by = (...rules: string[]) => rules.map((rule) => ({ stage: 'static', rule }))
    const node = (ref: string, rules: string[]) => ({ ref, kind: 'changed' as const, from: [ref], by: by(...rules) })
    const nodes = [node('a', ['edit', 'fuse-batchnorm-into-conv', 'edit', 'fuse-batchnorm-into-conv']), node('b', ['edit']), node('c', [])]
    const { pairs } = diffByDocument({ lathe: '0', baseline: '', candidate: '', nodes, removed: [], values: [] })
    expect(pairs.map(({ why }) => why)).toEqual(['fuse-batchnorm-into-conv', "changed in stage 'static'", ''])
  })
})
