import { checkInBothOrders, checkLowerings } from '../../../support/check-lowering.ts'

checkInBothOrders([
  ['MatMul(x, w)', '1, 8, 6, 3', 'w = float32[6, 3]'],
  ['MatMul(x, x)', '1, 8, 6, 6'],
  ['MatMul(w, x)', '1, 8, 3, 6', 'w = float32[3, 6]'],
])

checkLowerings({
  'a vector on the left': '(x: float32[4]) -> (y: float32[3])\nw = float32[4, 3]\ny = MatMul(x, w)',
  'a vector on the right': '(x: float32[2, 3, 4]) -> (y: float32[2, 3])\nw = float32[4]\ny = MatMul(x, w)',
  'batches that broadcast': '(a: float32[2, 1, 3, 4], b: float32[5, 4, 2]) -> (y: float32[2, 5, 3, 2])\ny = MatMul(a, b)',
  'all of Gemm':
    '(x: float32[4, 3]) -> (y: float32[3, 5])\nw = float32[5, 4]\nc = float32[3, 1]\ny = Gemm(x, w, c) {alpha: 0.5, beta: 2.5, transA: 1, transB: 1}',
  'factors worked into the weights':
    '(x: float32[3, 4]) -> (y: float32[3, 5])\nw = float32[4, 5]\nc = float32[5]\ny = Gemm(x, w, c) {alpha: 0.25}',
  'Gemm without constants': '(x: float32[3, 4], w: float32[5, 4], c: float32[5]) -> (y: float32[3, 5])\ny = Gemm(x, w, c) {transB: 1}',
})
