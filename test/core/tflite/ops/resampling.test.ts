import { checkInBothOrders, checkLowerings } from '../../../support/check-lowering.ts'

const twice = 'roi = float32[0]\nscales = float32[4] {1, 1, 2, 2}'
const odd = 'roi = float32[0]\nscales = float32[0]\nsizes = int64[4] {1, 8, 9, 4}'

checkInBothOrders([
  ['Resize(x, roi, scales)', '1, 8, 12, 12', twice],
  ['Resize(x, roi, scales) {mode: "nearest", coordinate_transformation_mode: "asymmetric", nearest_mode: "floor"}', '1, 8, 12, 12', twice],
  ['Resize(x, roi, scales) {mode: "linear"}', '1, 8, 12, 12', twice],
  ['Resize(x, roi, scales) {mode: "linear", coordinate_transformation_mode: "align_corners"}', '1, 8, 12, 12', twice],
  ['Resize(x, roi, scales, sizes) {mode: "linear", coordinate_transformation_mode: "asymmetric"}', '1, 8, 9, 4', odd],
  ['Resize(x, roi, scales) {mode: "cubic"}', '1, 8, 12, 12', twice],
  ['Resize(x, roi, scales) {axes: [2, 3]}', '1, 8, 12, 18', 'roi = float32[0]\nscales = float32[2] {2, 3}'],
  ['Resize(x, roi, scales) {axes: [3, 2], mode: "linear"}', '1, 8, 12, 18', 'roi = float32[0]\nscales = float32[2] {3, 2}'],
  ['Resize(x, roi, scales) {nearest_mode: "ceil"}', '1, 8, 12, 12', twice],
  ['Resize(x, roi, scales, sizes) {nearest_mode: "floor"}', '1, 8, 9, 4', odd],
  ['Resize(x, roi, scales, sizes) {coordinate_transformation_mode: "align_corners"}', '1, 8, 9, 4', odd],
  ['DepthToSpace(x) {blocksize: 2}', '1, 2, 12, 12'],
  ['DepthToSpace(x) {blocksize: 2, mode: "CRD"}', '1, 2, 12, 12'],
  ['SpaceToDepth(x) {blocksize: 2}', '1, 32, 3, 3'],
])

checkLowerings({
  'scales of operator set 10 that do not divide the size':
    'opset 10\n(x: float32[1, 2, 5, 7]) -> (y: float32[1, 2, 8, 11])\ns = float32[4] {1, 1, 1.7, 1.6}\ny = Resize(x, s) {mode: "nearest"}',
  'the same, linear':
    'opset 10\n(x: float32[1, 2, 5, 7]) -> (y: float32[1, 2, 8, 11])\ns = float32[4] {1, 1, 1.7, 1.6}\ny = Resize(x, s) {mode: "linear"}',
})
