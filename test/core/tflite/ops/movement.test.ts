import { checkInBothOrders, checkLowerings } from '../../../support/check-lowering.ts'

checkInBothOrders([
  ['Pad(x, p)', '1, 8, 4, 9', 'p = int64[8] {0, 0, -1, 2, 0, 0, -1, 1}'],
  ['Concat(x, e) {axis: 1}', '1, 8, 6, 6', 's = int64[1] {8}\nt = int64[1] {1}\nf = float32[1, 8, 6, 6]\ne = Slice(f, s, s, t)'],
  ['Reshape(x, s)', '8, 36', 's = int64[2] {8, -1}'],
  ['Flatten(x) {axis: 2}', '8, 36'],
  ['Transpose(x) {perm: [0, 2, 3, 1]}', '1, 6, 6, 8'],
  ['Transpose(x) {perm: [3, 1, 0, 2]}', '6, 8, 1, 6'],
  ['Concat(x, x) {axis: 1}', '1, 16, 6, 6'],
  ['Concat(x, c) {axis: -1}', '1, 8, 6, 8', 'c = float32[1, 8, 6, 2]'],
  ['Slice(x, b, e, a, s)', '1, 3, 6, 2', 'b = int64[2] {1, 5}\ne = int64[2] {7, 0}\na = int64[2] {1, -1}\ns = int64[2] {2, -3}'],
  ['Gather(x, i) {axis: 1}', '1, 3, 6, 6', 'i = int64[3] {0, -1, 2}'],
  ['Gather(x, i) {axis: 3}', '1, 8, 6', 'i = int64[] {-2}'],
  ['Pad(x, p)', '1, 10, 7, 6', 'p = int64[8] {0, 1, 0, 0, 0, 1, 1, 0}'],
  ['Pad(x, p, v, a)', '1, 11, 6, 6', 'p = int64[2] {1, 2}\nv = float32[] {-3}\na = int64[1] {1}'],
  ['Pad(x, p) {mode: "reflect"}', '1, 8, 9, 6', 'p = int64[8] {0, 0, 2, 0, 0, 0, 1, 0}'],
  ['Pad(x, p) {mode: "edge"}', '1, 9, 6, 6', 'p = int64[8] {0, 1, 0, 0, 0, 0, 0, 0}'],
  ['Tile(x, r)', '1, 16, 6, 18', 'r = int64[4] {1, 2, 1, 3}'],
  ['Expand(x, s)', '2, 8, 6, 6', 's = int64[4] {2, 1, 1, 1}'],
  ['Squeeze(x, a)', '8, 6, 6', 'a = int64[1] {0}'],
  ['Unsqueeze(x, a)', '1, 8, 1, 6, 6', 'a = int64[1] {2}'],
])

checkLowerings({
  'parts of unequal size along the channels':
    '(x: float32[1, 8, 4, 4]) -> (a: float32[1, 3, 4, 4], b: float32[1, 5, 4, 4])\nk = float32[8, 8, 1, 1]\nc = Conv(x, k)\ns = int64[2] {3, 5}\na, b = Split(c, s) {axis: 1}',
  'indices that are computed and negative':
    '(x: float32[5, 3], i: int64[2]) -> (y: float32[2, 3])\none = int64[] {1}\nj = Sub(i, one)\ny = Gather(x, j)',
  'a scalar out of a vector': '(x: float32[5]) -> (y: float32[])\ni = int64[] {3}\ny = Gather(x, i)',
})
