import { describe, expect, it, test } from 'vitest'
import { viewOf } from '../../../core/tflite/views.ts'
import { checkInBothOrders } from '../../support/check-lowering.ts'
import { agreement } from '../../support/check-tflite.ts'
import { modelOf } from '../../support/graph.ts'

const channelsLast = [0, 2, 3, 1]

describe('a view of what lies channels last', () => {
  it('splits channels where they lie', () => {
    expect(viewOf([1, 8, 6, 5], channelsLast, [1, 2, 4, 6, 5])).toEqual({
      from: channelsLast,
      shape: [1, 6, 5, 2, 4],
      perm: [0, 3, 4, 1, 2],
    })
  })

  it('joins height and width, which lie behind each other', () => {
    expect(viewOf([1, 8, 6, 5], channelsLast, [1, 8, 30])).toEqual({ from: channelsLast, shape: [1, 30, 8], perm: [0, 2, 1] })
    expect(viewOf([-1, 8, 6, 5], channelsLast, [-1, 8, 30])).toEqual({ from: channelsLast, shape: [-1, 30, 8], perm: [0, 2, 1] })
  })

  it('adds and drops axes of size 1', () => {
    expect(viewOf([1, 8, 1, 1], channelsLast, [1, 8])).toEqual({ from: channelsLast, shape: [1, 8], perm: null })
    expect(viewOf([1, 8, 6, 5], channelsLast, [8, 6, 5, 1])).toEqual({ from: channelsLast, shape: [6, 5, 1, 8], perm: [1, 2, 3, 0] })
  })

  it('moves what is joined and lies apart, and no more', () => {
    expect(viewOf([1, 8, 6, 5], channelsLast, [1, 240])).toEqual({ from: null, shape: [1, 240], perm: null })
    expect(viewOf([2, 4, 3, 6, 5], [0, 3, 4, 2, 1], [2, 12, 6, 5])).toEqual({
      from: [0, 3, 4, 1, 2],
      shape: [2, 6, 5, 12],
      perm: channelsLast,
    })
  })

  it('leaves a size that is not known an axis of its own', () => {
    expect(viewOf([-1, 8, 6, 5], channelsLast, [-1, 30])).toBeNull()
  })
})

/** Channels of two groups change places, as ShuffleNet has it; x comes from a convolution. */
const shuffle = `opset 17
(image: float32[1, 8, 6, 6]) -> (y: float32[1, 8, 6, 6])
kernel = float32[8, 8, 1, 1]
x = Conv(image, kernel)
s = int64[3] {4, 2, 36}
r = Reshape(x, s)
t = Transpose(r) {perm: [1, 0, 2]}
u = int64[5] {2, 1, 4, 6, 6}
v = Reshape(t, u)
zero = int64[] {0}
one = int64[] {1}
a = Gather(v, zero)
b = Gather(v, one)
second = float32[4, 4, 1, 1]
c = Conv(a, second)
d = Concat(b, c) {axis: 1}
z = Conv(d, kernel)
y = Relu(z)`

test('channels that change places within their groups move once', async () => {
  const { relative, operators } = await agreement(
    modelOf(`opset 18
(x: float32[2, 3, 8, 8]) -> (y: float32[2, 8, 8, 8])
k = float32[8, 3, 1, 1]
c = Conv(x, k)
s = int64[5] {2, 2, 4, 8, 8}
r = Reshape(c, s)
t = Transpose(r) {perm: [0, 2, 1, 3, 4]}
u = int64[4] {2, 8, 8, 8}
v = Reshape(t, u)
a, b = Split(v) {axis: 1, num_outputs: 2}
l = float32[4, 4, 1, 1]
d = Conv(b, l)
y = Concat(a, d) {axis: 1}`),
  )
  expect(operators.filter((operator) => operator === 'TRANSPOSE')).toHaveLength(3)
  expect(relative).toBeLessThan(1e-5)
})

test('a network that shuffles its channels has transposes at its borders alone', async () => {
  const { relative, operators } = await agreement(modelOf(shuffle))
  expect(operators.filter((operator) => operator === 'TRANSPOSE')).toHaveLength(2)
  expect(relative).toBeLessThan(1e-5)
})

test.each([
  ['InstanceNormalization(c, s, b)'],
  ['GroupNormalization(c, s, b) {num_groups: 4}'],
  ['Resize(c, e, f) {mode: "cubic"}', 'e = float32[0]\nf = float32[4] {1, 1, 1, 1}'],
  ['Gather(c, i) {axis: 1}', 'i = int64[8] {7, 1, 3, 4, 2, 0, 5, 6}'],
])('%s follows the order of channels', async (call, before = '') => {
  const { relative, operators } = await agreement(
    modelOf(`opset 21
(x: float32[1, 8, 6, 6]) -> (y: float32[1, 8, 6, 6])
k = float32[8, 8, 1, 1]
s = float32[8]
b = float32[8]
${before}
c = Conv(x, k)
n = ${call}
y = Conv(n, k)`),
  )
  expect(operators.filter((operator) => operator === 'TRANSPOSE')).toHaveLength(2)
  expect(relative).toBeLessThan(1e-4)
})

checkInBothOrders([
  ['Gather(x, i) {axis: 1}', '1, 2, 2, 6, 6', 'i = int64[2, 2] {0, -1, 3, 3}'],
  ['Gather(x, i) {axis: 2}', '1, 8, 6', 'i = int64[] {-2}'],
  ['ArgMax(x) {axis: 1}', '1, 1, 6, 6'],
  ['ArgMax(x) {axis: 1, keepdims: 0}', '1, 6, 6'],
  ['ArgMin(x) {axis: 2, keepdims: 0, select_last_index: 1}', '1, 8, 6'],
  ['Expand(x, s)', '3, 8, 6, 6', 's = int64[4] {3, 1, 1, 1}'],
  ['Expand(x, s)', '2, 1, 8, 6, 6', 's = int64[5] {2, 1, 1, 1, 1}'],
  ['Unsqueeze(x, a)', '1, 1, 8, 6, 6, 1', 'a = int64[2] {0, 5}'],
])
