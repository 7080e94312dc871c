import { checkInBothOrders, checkLowerings } from '../../../support/check-lowering.ts'

checkInBothOrders([
  ['Sigmoid(x)', '1, 8, 6, 6'],
  ['Clip(x, low, high)', '1, 8, 6, 6', 'low = float32[] {-0.5}\nhigh = float32[] {1.5}'],
  ['HardSigmoid(x) {alpha: 0.3, beta: 0.4}', '1, 8, 6, 6'],
  ['HardSwish(x)', '1, 8, 6, 6'],
  ['Elu(x)', '1, 8, 6, 6'],
  ['Selu(x)', '1, 8, 6, 6'],
  ['Softplus(x)', '1, 8, 6, 6'],
  ['Softsign(x)', '1, 8, 6, 6'],
  ['Celu(x) {alpha: 2.5}', '1, 8, 6, 6'],
  ['Mish(x)', '1, 8, 6, 6'],
  ['ThresholdedRelu(x) {alpha: 0.5}', '1, 8, 6, 6'],
])

checkLowerings({
  'bounds that are known only at run time': '(x: float32[1, 8], l: float32[], h: float32[]) -> (y: float32[1, 8])\ny = Clip(x, l, h)',
  'an upper bound that is known only at run time': '(x: int32[1, 8], h: int32[]) -> (y: int32[1, 8])\ny = Clip(x, _, h)',
  'a Relu behind a product is done by its kernel':
    '(x: float32[2, 4]) -> (y: float32[2, 3])\nw = float32[4, 3]\np = MatMul(x, w)\ny = Relu(p)',
  'a Relu whose input is read twice stays':
    '(x: float32[2, 4]) -> (y: float32[2, 3])\nw = float32[4, 3]\np = MatMul(x, w)\nr = Relu(p)\ny = Add(p, r)',
  'one of six':
    '(x: float32[1, 3, 5, 5]) -> (y: float32[1, 4, 5, 5])\nw = float32[4, 3, 1, 1]\np = Conv(x, w)\nl = float32[] {0}\nh = float32[] {6}\ny = Clip(p, l, h)',
})
