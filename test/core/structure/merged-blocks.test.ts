import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Model } from '../../../core/ir/model.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { blocksOf } from '../../../core/structure/blocks.ts'
import { modelOf } from '../../support/graph.ts'

const blocksIn = (model: Model) =>
  blocksOf(model).map(({ name, members }) => `${members.length} x ${name}: ${members[0]?.map(({ opType }) => opType).join(' ')}`)

const attention = (x: string, y: string) => `q_${y} = MatMul(${x}, float32[8, 8])
  k_${y} = MatMul(${x}, float32[8, 8])
  v_${y} = MatMul(${x}, float32[8, 8])
  t_${y} = Transpose(k_${y}) {perm: [0, 2, 1]}
  s_${y} = MatMul(q_${y}, t_${y})
  m_${y} = Add(s_${y}, mask)
  p_${y} = Softmax(m_${y})
  w_${y} = MatMul(p_${y}, v_${y})
  o_${y} = MatMul(w_${y}, float32[8, 8])
  ${y} = Add(o_${y}, ${x})`
const feedForward = (x: string, y: string) => `u_${y} = MatMul(${x}, float32[8, 16])
  r_${y} = Relu(u_${y})
  d_${y} = MatMul(r_${y}, float32[16, 8])
  ${y} = Add(d_${y}, ${x})`

describe('parts that take turns', () => {
  it('are blocks, whatever arithmetic on masks the first of them has in between', () => {
    const layer = (i: number) => `${attention(`x${i}`, `y${i}`)}\n${feedForward(`y${i}`, `x${i + 1}`)}`
    const model = modelOf(`opset 18
      (i: float32[2, 4, 8], given: float32[2, 1, 4]) -> (x3)
      x0 = MatMul(i, float32[8, 8])
      far = Sub(float32 1.0, given)
      mask = Mul(far, float32 -100.0)
      ${[0, 1, 2].map(layer).join('\n')}`)
    expect(blocksIn(model)).toEqual([
      '3 x block: MatMul MatMul MatMul Transpose MatMul Add Softmax MatMul MatMul Add MatMul Relu MatMul Add',
    ])
  })

  it('hold a normalization that is written out between them', () => {
    const norm = (x: string, y: string) => `a_${y} = ReduceMean(${x}, int64[1] {-1})
      b_${y} = Sub(${x}, a_${y})
      c_${y} = Mul(b_${y}, b_${y})
      e_${y} = ReduceMean(c_${y}, int64[1] {-1})
      f_${y} = Sqrt(e_${y})
      ${y} = Div(b_${y}, f_${y})`
    const layer = (i: number) =>
      [attention(`x${i}`, `g${i}`), norm(`g${i}`, `h${i}`), feedForward(`h${i}`, `z${i}`), norm(`z${i}`, `x${i + 1}`)].join('\n')
    const blocks = blocksOf(
      modelOf(`opset 18
        (i: float32[2, 4, 8], mask: float32[2, 1, 4]) -> (y)
        x0 = MatMul(i, float32[8, 8])
        ${[0, 1, 2].map(layer).join('\n')}
        y = MatMul(x3, float32[8, 2])`),
    )
    expect(blocks.map(({ members }) => members.map((member) => member.filter(({ opType }) => opType === 'Sqrt').length))).toEqual([
      [2, 2, 2],
    ])
  })

  it('end alike: what follows the last of them is no part of it', () => {
    const layer = (i: number) => `n${i} = LayerNormalization(x${i}, float32[8], float32[8])
      ${attention(`n${i}`, `a${i}`).replace(`a${i} = Add(o_a${i}, n${i})`, `y${i} = Add(o_a${i}, x${i})`)}
      m${i} = LayerNormalization(y${i}, float32[8], float32[8])
      ${feedForward(`m${i}`, `f${i}`).replace(`f${i} = Add(d_f${i}, m${i})`, `x${i + 1} = Add(d_f${i}, y${i})`)}`
    const [block, ...others] = blocksOf(
      modelOf(`opset 18
        (i: float32[2, 4, 8], mask: float32[2, 1, 4]) -> (y)
        x0 = MatMul(i, float32[8, 8])
        ${[0, 1, 2].map(layer).join('\n')}
        z = LayerNormalization(x3, float32[8], float32[8])
        y = MatMul(z, float32[8, 2])`),
    )
    expect(others).toEqual([])
    expect(block?.members.map((member) => member.filter(({ opType }) => opType === 'LayerNormalization').length)).toEqual([2, 2, 2])
    expect(block?.members.map((member) => member.at(-1)?.opType)).toEqual(['Add', 'Add', 'Add'])
  })

  it('are found in linear time, however many kinds of them there are', () => {
    const width = (i: number) => 8 + (i >> 2) * 2 + (i % 2)
    const part = (i: number) => `m${i} = MatMul(x${i}, float32[8, ${width(i)}])
      n${i} = MatMul(m${i}, float32[${width(i)}, 8])
      x${i + 1} = Add(n${i}, x${i})`
    const parts = Array.from({ length: 1000 }, (_, i) => part(i)).join('\n')
    const blocks = blocksOf(modelOf(`opset 21\n(x0: float32[4, 8]) -> (x1000)\n${parts}`))
    expect(blocks).toHaveLength(250)
    expect(new Set(blocks.map(({ members }) => members.length))).toEqual(new Set([2]))
  }, 5_000)

  it('are blocks of the encoder and of the decoder, each for itself', () => {
    const cross = (x: string, y: string) =>
      attention(x, y).replace(/(k_\w+|v_\w+) = MatMul\(\w+, float32\[8, 8\]\)/g, '$1 = MatMul(memory, float32[8, 8])')
    const coder = (i: number) => `${attention(`x${i}`, `y${i}`)}\n${feedForward(`y${i}`, `x${i + 1}`)}`
    const decoder = (i: number) => `${attention(`x${i}`, `y${i}`)}\n${cross(`y${i}`, `z${i}`)}\n${feedForward(`z${i}`, `x${i + 1}`)}`
    const model = modelOf(`opset 18
      (i: float32[2, 4, 8], j: float32[2, 4, 8], mask: float32[2, 1, 4]) -> (x5)
      x0 = MatMul(i, float32[8, 8])
      ${[0, 1].map(coder).join('\n')}
      memory = Relu(x2)
      x3 = MatMul(j, float32[8, 8])
      ${[3, 4].map(decoder).join('\n')}`)
    const products = blocksOf(model).map(({ members }) =>
      members.map((member) => member.filter(({ opType }) => opType === 'MatMul').length),
    )
    expect(products).toEqual([
      [8, 8],
      [14, 14],
    ])
  })
})

describe('parts alike', () => {
  it('share no node, where several end in one', () => {
    const branch = (y: string) => `a_${y} = Conv(x, float32[4, 4, 3, 3]) {pads: [1, 1, 1, 1]}
      b_${y} = Conv(x, float32[4, 4, 3, 3]) {pads: [1, 1, 1, 1]}
      ${y} = Concat(a_${y}, b_${y}) {axis: 1}`
    const blocks = blocksOf(
      modelOf(`opset 18
        (i: float32[1, 4, 8, 8]) -> (y, z)
        x = Conv(i, float32[4, 4, 3, 3]) {pads: [1, 1, 1, 1]}
        r = Relu(x)
        ${branch('p')}
        ${branch('q')}
        y = Concat(p, q) {axis: 1}
        z = Concat(q, p) {axis: 1}`),
    )
    const nodes = blocks.flatMap(({ members }) => members.flat())
    expect(nodes.length).toBeGreaterThan(0)
    expect(new Set(nodes).size).toBe(nodes.length)
  })
})

describe('blocks of scopes', () => {
  const named = (text: string, scopes: Readonly<Record<string, string>>) => {
    const model = modelOf(text)
    for (const node of model.graph.nodes) model.graph.renameNode(node, scopes[node.outputs[0]?.name as string] ?? '')
    return blocksOf(model).map(
      ({ name, members }) => `${name}: ${members.map((member) => member.map(({ opType }) => opType).join(' ')).join(' | ')}`,
    )
  }

  it('count the first too, which also computes what the others read', () => {
    expect(
      named(
        `opset 18
        (x: float32[2, 8]) -> (z)
        t = Exp(float32[8])
        a = MatMul(x, float32[8, 8])
        b = Sub(a, t)
        c = MatMul(b, float32[8, 8])
        d = MatMul(c, float32[8, 8])
        z = Relu(d)`,
        { t: '/h.0/t/Exp', a: '/h.0/a/MatMul', b: '/h.0/b/Sub', c: '/h.1/c/MatMul', d: '/h.2/d/MatMul' },
      ),
    ).toEqual(['h: Exp MatMul Sub | MatMul | MatMul'])
  })

  it('are looked for inside of stages of different depth', () => {
    const node = (name: string, of: string) => `${name} = MatMul(${of}, float32[8, 8])`
    expect(
      named(
        `opset 18\n(x: float32[2, 8]) -> (f)\n${['ax', 'ba', 'cb', 'dc', 'fd'].map((pair) => node(pair[0] as string, pair[1] as string)).join('\n')}`,
        {
          a: '/s.0/b.0/MatMul',
          b: '/s.0/b.1/MatMul',
          c: '/s.1/b.0/MatMul',
          d: '/s.1/b.1/MatMul',
          f: '/s.1/b.2/MatMul',
        },
      ),
    ).toEqual(['s.0.b: MatMul | MatMul', 's.1.b: MatMul | MatMul | MatMul'])
  })
})

const folder = '../shared/models'
describe.skipIf(!existsSync(folder))('transformers without names', () => {
  const files = ['digits_vit', 'text_bert', 'text_gpt2', 'text_llama'].flatMap((name) => [
    `${name}/model.onnx`,
    `${name}/model.dynamo.onnx`,
  ])
  it.each([...files, 'text_llama/model.past.onnx'])('%s has four blocks', (file) => {
    const model = openModel(`${folder}/${file}`)
    for (const node of model.graph.nodes) {
      model.graph.renameNode(node, '')
      ;(node.metadata as Map<string, string>).clear()
    }
    expect(blocksOf(model).map(({ name, members }) => `${members.length} x ${name}`)).toEqual(['4 x block'])
  })
})

const real = '../shared/real-models'
describe.skipIf(!existsSync(real))('convolutional networks without names', () => {
  it.each([
    ['squeezenet_tensor_input', ['8 x branches']],
    ['mobilenetv2_int8_qdq', ['10 x residual']],
    ['retinaface_640x640_opt', ['3 x branches']],
  ])('%s has the blocks of its architecture, which share no node', (name, expected) => {
    const blocks = blocksOf(openModel(`${real}/${name}/model.onnx`))
    expect(blocks.map(({ name: kind, members }) => `${members.length} x ${kind}`)).toEqual(expected)
    const nodes = blocks.flatMap(({ members }) => members.flat())
    expect(new Set(nodes).size).toBe(nodes.length)
  })
})
