import { expect, test } from 'vitest'
import { convert } from '../../../core/tflite/convert.ts'
import { frozen } from '../../support/check-tflite.ts'
import { modelOf } from '../../support/graph.ts'

const refused = (text: string) => convert(frozen(modelOf(text)), { nhwc: false }).unsupported

test.each([
  ['NonZero(x)', 'the length of the result depends on the values'],
  ['Compress(x, c)', 'the length of the result depends on the values'],
  ['RandomNormalLike(x)', 'random numbers'],
  ['ai.onnx.ml.Normalizer(x)', 'classical machine learning'],
  ['QLinearMatMul(x)', 'a product in operators of quantized numbers'],
  ['com.microsoft.QLinearAdd(x)', 'a product in operators of quantized numbers'],
  ['com.microsoft.MatMulNBits(x)', 'in a form that only ONNX Runtime has'],
  ['com.example.Strange(x)', 'the operator com.example.Strange has no conversion'],
])('%s is refused: %s', (call, reason) => {
  const [first] = refused(`(x: float32[4], c: bool[4]) -> (y: float32[4])\ny = ${call}`)
  expect(first?.reason).toContain(reason)
  expect(first?.mend).toMatch(/\.$/)
})

test('an input of open sizes is refused at its first reader, and so is what hangs on it', () => {
  const model = modelOf('(x: float32[a, b]) -> (y: float32[a, b])\ny = Relu(x)')
  const { converted, unsupported } = convert(model, { nhwc: false })
  expect(converted).toBeNull()
  expect(unsupported[0]).toMatchObject({ reason: expect.stringContaining('more than one dimension that is not known') })
})

test.each([
  ['Dropout(x, r, t)', 'a dropout in training mode'],
  ['MatMul(n, n)', 'a matrix product of int32'],
])('%s would give other numbers, and is refused', (call, reason) => {
  const [first] = refused(`opset 18
(x: float32[4, 4], n: int64[4, 4]) -> (y: float32[4, 4])
r = float32[] {0.5}
t = bool[] {1}
y = ${call}`)
  expect(first?.reason).toBe(reason)
})

test.each([
  ['(x: float32[4, 0]) -> (y: float32[4, 0])\ny = Relu(x)'],
  ['(x: float32[4, 3]) -> (y: float32[3])\ns = int64[1] {0}\ne = Slice(x, s, s)\na = int64[1] {0}\ny = ReduceSum(e, a) {keepdims: 0}'],
])('a tensor without elements is refused: %s', (text) => {
  expect(refused(text)[0]?.reason).toContain('a tensor without elements')
})

test.each(['float64', 'int4', 'uint4', 'float8e5m2'])('a cast to %s is refused', (dtype) => {
  const [first] = refused(`opset 21\n(x: float32[4], l: ${dtype}[4]) -> (y: ${dtype}[4])\nl2 = Identity(l)\ny = CastLike(x, l2)`)
  expect(first?.reason).toContain(dtype)
})

test('what reads a value that could not be converted is not blamed for its type', () => {
  const found = refused(`opset 17
(x: float32[4]) -> (y: float32[4], z: float32[4])
a = com.example.Strange(x)
b = Cast(a) {to: 7}
y = com.example.Stranger(b)
z = Relu(x)`)
  expect(found.map(({ node }) => node.opType)).toEqual(['Strange', 'Stranger'])
})

test('a tensor of nine axes is refused', () => {
  const [first] = refused('(x: float32[1, 2, 1, 2, 1, 2, 1, 2, 1]) -> (y: float32[1, 2, 1, 2, 1, 2, 1, 2, 1])\ny = Relu(x)')
  expect(first?.reason).toBe("'x' has 9 axes, the runtime takes at most 8")
})

test('an input that nothing reads is named when it cannot be converted', () => {
  expect(() => refused('(x: float32[4], s: float64[4]) -> (y: float32[4])\ny = Relu(x)')).toThrow(
    "'s' cannot be an input or output of a .tflite file: 's' is float64",
  )
})

test('moving more axes than the runtime has is refused', () => {
  const [first] = refused(
    '(x: float32[2, 2, 2, 2, 2, 2, 2]) -> (y: float32[2, 2, 2, 2, 2, 2, 2])\nt = Transpose(x) {perm: [6, 5, 4, 3, 2, 1, 0]}\ny = Relu(t)',
  )
  expect(first?.reason).toContain('an operator over 7 axes')
})
