import { checkInBothOrders, checkLowerings } from '../../../support/check-lowering.ts'

checkInBothOrders([
  ['Conv(x, w, b) {pads: [1, 1, 1, 1]}', '1, 4, 6, 6', 'w = float32[4, 8, 3, 3]\nb = float32[4]'],
  ['Conv(x, w) {pads: [2, 0, 1, 1], strides: [2, 1]}', '1, 4, 4, 6', 'w = float32[4, 8, 3, 3]'],
  ['Conv(x, w) {auto_pad: "SAME_LOWER", strides: [2, 2]}', '1, 4, 3, 3', 'w = float32[4, 8, 3, 3]'],
  ['Conv(x, w) {dilations: [2, 2]}', '1, 4, 2, 2', 'w = float32[4, 8, 3, 3]'],
  ['Conv(x, w) {group: 2}', '1, 4, 4, 4', 'w = float32[4, 4, 3, 3]'],
  ['Conv(x, w) {group: 8, pads: [1, 1, 1, 1]}', '1, 8, 6, 6', 'w = float32[8, 1, 3, 3]'],
  ['Conv(x, w) {group: 8, dilations: [2, 1]}', '1, 16, 2, 4', 'w = float32[16, 1, 3, 3]'],
  ['MaxPool(x) {kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1]}', '1, 8, 3, 3'],
  ['MaxPool(x) {kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1}', '1, 8, 3, 3'],
  ['AveragePool(x) {kernel_shape: [3, 3], pads: [1, 1, 1, 1]}', '1, 8, 6, 6'],
  ['AveragePool(x) {kernel_shape: [3, 2], pads: [1, 0, 0, 1], count_include_pad: 1}', '1, 8, 5, 6'],
  ['AveragePool(x) {kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1, count_include_pad: 1, pads: [0, 1, 0, 0]}', '1, 8, 3, 3'],
  ['AveragePool(x) {kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1, count_include_pad: 1}', '1, 8, 3, 3'],
  ['AveragePool(x) {kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1}', '1, 8, 3, 3'],
  ['GlobalAveragePool(x)', '1, 8, 1, 1'],
  ['GlobalMaxPool(x)', '1, 8, 1, 1'],
])

checkLowerings({
  'one axis of space': '(x: float32[2, 3, 20]) -> (y: float32[2, 4, 9])\nw = float32[4, 3, 4]\ny = Conv(x, w) {strides: [2], pads: [0, 1]}',
  'one axis of space, depthwise':
    '(x: float32[1, 6, 20]) -> (y: float32[1, 6, 20])\nw = float32[6, 1, 5]\ny = Conv(x, w) {group: 6, pads: [2, 2]}',
})
