import { describe, expect, it } from 'vitest'
import { nearMisses } from '../../../../core/rewrite/trace.ts'
import { attention } from '../../../../core/rules/attention/index.ts'
import { inferShapes } from '../../../../core/shapes/infer.ts'
import { modelOf } from '../../../support/graph.ts'

const graph = (steps: string, axes = '2, 3') => `(q: float32[${axes}, 5, 4], k: float32[${axes}, 4, 6], v: float32[${axes}, 6, 4]) -> (y)
s = MatMul(q, k)
${steps}`

function told(text: string): readonly string[] {
  const model = modelOf(text)
  inferShapes(model)
  return nearMisses(model, attention).map(({ rule, reason }) => `${rule}: ${reason}`)
}

describe('tell-unread-attention', () => {
  it('says what stands between the scores and their Softmax', () =>
    expect(told(graph('f = Sub(s, float32 1.0)\np = Softmax(f) {axis: -1}\nw = Relu(v)\ny = MatMul(p, w)', '2, 2, 3'))).toContain(
      'tell-unread-attention: between the scores and their Softmax stands Sub, which is no scale and no mask',
    ))

  it('says that weights are mixed before they weigh', () =>
    expect(told(graph('p = Softmax(s) {axis: -1}\nm = Mul(p, float32 0.5)\ny = MatMul(m, v)'))).toEqual([
      'tell-unread-attention: the weights go through Mul before they weigh the values',
    ]))

  it('says that heads talk to one another before the Softmax', () =>
    expect(
      told(
        graph(`t = Transpose(s) {perm: [0, 2, 3, 1]}
f = MatMul(t, float32[3, 3] {1, 2, 3, 4, 5, 6, 7, 8, 9})
b = Transpose(f) {perm: [0, 3, 1, 2]}
p = Softmax(b) {axis: -1}
y = MatMul(p, v)`),
      ),
    ).toEqual(['tell-unread-attention: between the scores and their Softmax stands MatMul, which is no scale and no mask']))

  it('says that there are more axes than attention has', () =>
    expect(
      told(graph('p = Softmax(s) {axis: -1}\nr = Unsqueeze(p, int64[1] {0})\nc = Squeeze(r, int64[1] {0})\ny = MatMul(c, v)', '2, 2, 3')),
    ).toEqual(['tell-unread-attention: its scores have 5 axes, and attention has four: sequences, heads, queries and keys']))

  it('says nothing where another rule does', () => {
    const found = told(
      graph('f = Mul(s, float32 -1.0)\np = Softmax(f) {axis: -1}\nc = MatMul(p, v)\ny = Transpose(c) {perm: [0, 2, 1, 3]}'),
    )
    expect(found).toEqual(['lift-attention: the scores are scaled by -1'])
  })

  it('says nothing of a Softmax over classes', () => {
    const text = `(x: float32[2, 5], t: float32[3, 4]) -> (y)
s = MatMul(x, float32[5, 3] {1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5, 6})
p = Softmax(s) {axis: -1}
y = MatMul(p, t)`
    expect(told(text).filter((each) => each.startsWith('tell'))).toEqual([])
  })
})
