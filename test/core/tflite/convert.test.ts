import { expect, test } from 'vitest'
import { convert } from '../../../core/tflite/convert.ts'
import { agreement, frozen } from '../../support/check-tflite.ts'
import { modelOf } from '../../support/graph.ts'

const cnn = `
opset 17
(x: float32[1, 3, 16, 16]) -> (y: float32[1, 10])
w1 = float32[8, 3, 3, 3]
b1 = float32[8]
c1 = Conv(x, w1, b1) {pads: [1, 1, 1, 1], strides: [2, 2]}
r1 = Relu(c1)
w2 = float32[8, 8, 3, 3]
c2 = Conv(r1, w2) {pads: [1, 1, 1, 1]}
a = Add(c2, r1)
s = float32[8, 1, 1]
m = Mul(a, s)
p = GlobalAveragePool(m)
f = Flatten(p) {axis: 1}
w = float32[8, 10]
y = MatMul(f, w)
`

test('a CNN has a transpose at its input alone, and gives the same answers', async () => {
  const { relative, operators } = await agreement(modelOf(cnn))
  expect(operators.filter((operator) => operator === 'TRANSPOSE')).toHaveLength(1)
  expect(relative).toBeLessThan(1e-5)
})

test('fed channels last it has none', async () => {
  const { relative, operators } = await agreement(modelOf(cnn), { nhwc: true })
  expect(operators).not.toContain('TRANSPOSE')
  expect(relative).toBeLessThan(1e-5)
})

test('every node that cannot be converted is named, not only the first', () => {
  const model = frozen(
    modelOf(`
    (x: float32[3, 3]) -> (y: float32[])
    a = Det(x)
    b = Relu(a)
    y = com.example.Strange(b)`),
  )
  const { converted, unsupported } = convert(model, { nhwc: false })
  expect(converted).toBeNull()
  expect(unsupported.map(({ node }) => node.opType)).toEqual(['Det', 'Strange'])
})
