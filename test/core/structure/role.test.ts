import { describe, expect, it } from 'vitest'
import { roleOf } from '../../../core/structure/role.ts'
import { modelOf } from '../../support/graph.ts'

const roleOfSoftmax = (text: string) => {
  const { graph } = modelOf(`opset 18\n(x: float32[1, 2, 4, 4], v: float32[1, 2, 4, 8]) -> (y)\n${text}`)
  return roleOf([...graph.nodes].filter(({ opType }) => opType === 'Softmax'))
}

describe('a Softmax', () => {
  it('is attention where what it gives weighs computed values', () => {
    expect(roleOfSoftmax('s = Softmax(x)\nm = Mul(s, float32 0.5)\ny = MatMul(m, v)')).toBe('attention')
    expect(
      roleOfSoftmax(`s = Softmax(x)
        q = QuantizeLinear(s, float32 0.01, uint8 0)
        d = DequantizeLinear(q, float32 0.01, uint8 0)
        y = MatMul(d, v)`),
    ).toBe('attention')
  })

  it('is an activation where it is an answer, a gate, or is multiplied by weights', () => {
    expect(roleOfSoftmax('y = Softmax(x)')).toBe('activation')
    expect(roleOfSoftmax('s = Softmax(x)\ny = Mul(s, x)')).toBe('activation')
    expect(roleOfSoftmax('s = Softmax(x)\ny = MatMul(s, float32[4, 4])')).toBe('activation')
    expect(roleOfSoftmax('s = Softmax(x)\nw = DequantizeLinear(int8[4, 4], float32 0.1)\ny = MatMul(s, w)')).toBe('activation')
  })
})

describe('a ReduceMean', () => {
  const roleOfAll = (text: string) => roleOf(modelOf(`opset 18\n(x: float32[1, 4, 8, 8]) -> (y)\n${text}`).graph.nodes)

  it('pools, unless a square root divides by it', () => {
    expect(roleOfAll('y = ReduceMean(x, int64[2] {2, 3})')).toBe('pooling')
    expect(roleOfAll('m = ReduceMean(x, int64[1] {-1})\nd = Sub(x, m)\ns = Sqrt(m)\ny = Div(d, s)')).toBe('normalization')
  })
})
