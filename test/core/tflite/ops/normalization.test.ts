import { checkInBothOrders, checkLowerings } from '../../../support/check-lowering.ts'

const five = 's = float32[8]\nb = float32[8]\nm = float32[8]\nv = float32[8] {1, 2, 0.5, 1, 3, 0.25, 1, 1}'

checkInBothOrders([
  ['BatchNormalization(x, s, b, m, v)', '1, 8, 6, 6', five],
  ['InstanceNormalization(x, s, b)', '1, 8, 6, 6', 's = float32[8]\nb = float32[8]'],
  ['LayerNormalization(x, s, b) {axis: -1}', '1, 8, 6, 6', 's = float32[6]\nb = float32[6]'],
  ['LayerNormalization(x, s) {axis: 1}', '1, 8, 6, 6', 's = float32[8, 6, 6]'],
  ['LRN(x) {size: 3, alpha: 0.001, beta: 0.75, bias: 2.5}', '1, 8, 6, 6'],
  ['LpNormalization(x) {axis: 1, p: 2}', '1, 8, 6, 6'],
  ['MeanVarianceNormalization(x)', '1, 8, 6, 6'],
])

checkLowerings({
  'a normalization of vectors':
    '(x: float32[2, 5, 16]) -> (y: float32[2, 5, 16])\ns = float32[16]\nb = float32[16]\ny = LayerNormalization(x, s, b)',
})
