import { checkInBothOrders, checkLowerings } from '../../../support/check-lowering.ts'

checkInBothOrders([
  ['ReduceMean(x, a)', '1, 8, 1, 1', 'a = int64[2] {2, 3}'],
  ['ReduceMean(x, a) {keepdims: 0}', '1, 6, 6', 'a = int64[1] {1}'],
  ['ReduceSum(x, a) {keepdims: 0}', '1, 8, 6', 'a = int64[1] {-1}'],
  ['ReduceMax(x, a)', '1, 8, 6, 1', 'a = int64[1] {3}'],
  ['ReduceMin(x)', '1, 1, 1, 1'],
  ['ReduceProd(x, a) {keepdims: 0}', '1, 8, 6', 'a = int64[1] {2}'],
  ['ReduceL2(x, a)', '1, 1, 6, 6', 'a = int64[1] {1}'],
  ['ReduceLogSumExp(x, a) {keepdims: 0}', '1, 8', 'a = int64[2] {2, 3}'],
  ['Softmax(x) {axis: 1}', '1, 8, 6, 6'],
  ['Softmax(x) {axis: 3}', '1, 8, 6, 6'],
  ['LogSoftmax(x) {axis: 2}', '1, 8, 6, 6'],
])

checkLowerings({
  'a softmax of an old operator set, over several axes':
    'opset 11\n(x: float32[2, 3, 4]) -> (y: float32[2, 3, 4])\ny = Softmax(x) {axis: 1}',
  'places of the largest, along the channels':
    '(x: float32[1, 8, 4, 4]) -> (y: int64[1, 4, 4])\nk = float32[8, 8, 1, 1]\nc = Conv(x, k)\ny = ArgMax(c) {axis: 1, keepdims: 0}',
  'places of the smallest': '(x: float32[3, 7]) -> (y: int64[3, 1])\ny = ArgMin(x) {axis: 1}',
  'a sum that may leave out its axes':
    '(x: float32[3, 7]) -> (y: float32[3, 7])\na = int64[0]\ny = ReduceSum(x, a) {noop_with_empty_axes: 1}',
})
