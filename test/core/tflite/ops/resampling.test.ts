import { checkInBothOrders } from '../../../support/check-lowering.ts'

const twice = 'roi = float32[0]\nscales = float32[4] {1, 1, 2, 2}'
const odd = 'roi = float32[0]\nscales = float32[0]\nsizes = int64[4] {1, 8, 9, 4}'

checkInBothOrders([
  ['Resize(x, roi, scales)', '1, 8, 12, 12', twice],
  ['Resize(x, roi, scales) {mode: "nearest", coordinate_transformation_mode: "asymmetric", nearest_mode: "floor"}', '1, 8, 12, 12', twice],
  ['Resize(x, roi, scales) {mode: "linear"}', '1, 8, 12, 12', twice],
  ['Resize(x, roi, scales) {mode: "linear", coordinate_transformation_mode: "align_corners"}', '1, 8, 12, 12', twice],
  ['Resize(x, roi, scales, sizes) {mode: "linear", coordinate_transformation_mode: "asymmetric"}', '1, 8, 9, 4', odd],
  ['Resize(x, roi, scales) {mode: "cubic"}', '1, 8, 12, 12', twice],
  ['DepthToSpace(x) {blocksize: 2}', '1, 2, 12, 12'],
  ['DepthToSpace(x) {blocksize: 2, mode: "CRD"}', '1, 2, 12, 12'],
  ['SpaceToDepth(x) {blocksize: 2}', '1, 32, 3, 3'],
])
