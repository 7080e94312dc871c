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
      [2, 2, 1],
    ])
  })

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
