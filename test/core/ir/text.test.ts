import { describe, expect, it } from 'vitest'
import { modelOf, modelText } from '../../support/graph.ts'

const mixed = `opset 17, com.microsoft 1
(x: float32[batch, 4], "past + 1": int64[past + seq], c: bool[]) -> (y: float32[batch, 4], z)
w = float32[4, 4]
two = float32 2.0
shape = int64[2] {0, -1}
h = MatMul(x, w)
a, _, b = com.microsoft.Odd(h, _, two) {alpha: 0.5, axis: 1, mode: "same \\"upper\\"", none: floats[], perm: [1, 0], scales: [1.0, 2.5]}
r = Reshape(a, shape)
y = If(c) {else_branch: {
  () -> (f)
  f = Identity(r)
}, then_branch: {
  () -> (t)
  k = float32 -1.5
  t = Add(r, k)
}}
z = Shape("past + 1")`

describe('text of a graph', () => {
  it('reads back as the same text', () => {
    expect(modelText(modelOf(mixed))).toBe(mixed)
  })

  it('is the same for graphs that differ only in names, order and where constants stand, when canonical', () => {
    const one = modelOf('(x: float32[2]) -> (y)\nk = float32 2.0\na = Relu(x)\nb = Neg(x)\ny = Add(a, b)')
    const other = modelOf('(x: float32[2]) -> (y)\nq = Neg(x)\np = Relu(x)\ny = Add(p, q)')
    expect(modelText(one, { names: 'canonical' })).toBe(modelText(other, { names: 'canonical' }))
  })

  it('names a constant that is read twice, and writes one that is read once in its place', () => {
    const model = modelOf('(x: float32[2]) -> (y)\nk = float32 2.0\na = Add(x, k)\nb = Mul(a, k)\ny = Sub(b, float32[2])')
    expect(modelText(model, { names: 'canonical' })).toBe(
      'opset 21, com.microsoft 1\n(x: float32[2]) -> (y)\n"%1" = float32 2.0\n"%2" = Add(x, "%1")\n"%3" = Mul("%2", "%1")\ny = Sub("%3", float32[2])'.replaceAll(
        '"',
        '',
      ),
    )
  })

  it('says where a text cannot be read', () => {
    expect(() => modelOf('(x: float32[2]) -> (y)\ny = Relu(q)')).toThrow("line 2, at ')': 'q' is read before it is defined")
  })
})
