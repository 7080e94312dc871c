import { checkInBothOrders, checkLowerings } from '../../../support/check-lowering.ts'

checkInBothOrders([
  ['GatherElements(x, i) {axis: 3}', '1, 8, 6, 1', 'b = int64[] {2}\ns = int64[4] {1, 8, 6, 1}\ni = Expand(b, s)'],
  ['CumSum(x, a)', '1, 8, 6, 6', 'a = int64[] {1}'],
  ['CumSum(x, a) {exclusive: 1, reverse: 1}', '1, 8, 6, 6', 'a = int64[] {-1}'],
])

checkLowerings({
  'the three largest': '(x: float32[4, 9]) -> (v: float32[4, 3], i: int64[4, 3])\nk = int64[1] {3}\nv, i = TopK(x, k)',
  'the two smallest, along the first axis':
    '(x: float32[6, 3]) -> (v: float32[2, 3], i: int64[2, 3])\nk = int64[1] {2}\nv, i = TopK(x, k) {axis: 0, largest: 0}',
  'one-hot along an inner axis':
    '(x: int64[2, 3]) -> (y: float32[2, 4, 3])\nd = int64[] {4}\nv = float32[2] {-1, 2}\ny = OneHot(x, d, v) {axis: 1}',
  'slices by pairs of indices': '(x: float32[3, 4, 5]) -> (y: float32[2, 5])\ni = int64[2, 2] {0, 1, 2, 3}\ny = GatherND(x, i)',
  'slices by pairs of indices from the end':
    '(x: float32[3, 4, 5]) -> (y: float32[2, 5])\ni = int64[2, 2] {-1, 1, 2, -3}\ny = GatherND(x, i)',
  'computed pairs of indices from the end':
    '(x: float32[3, 4, 5], n: int64[2, 2]) -> (y: float32[2, 5])\nz = int64[2, 2] {-1, 1, 2, -3}\nb = Equal(n, n)\ni = Where(b, z, z)\ny = GatherND(x, i)',
  'pairs of indices in each sample':
    '(x: float32[2, 3, 4, 5]) -> (y: float32[2, 3, 5])\ni = int64[2, 3, 2] {0, 1, 2, 3, -1, 0, 1, 1, 0, 0, 2, -2}\ny = GatherND(x, i) {batch_dims: 1}',
  'indices of one axis in each sample':
    '(x: float32[2, 3, 4]) -> (y: float32[2, 2, 4])\ni = int64[2, 2, 1] {0, -1, 1, 0}\ny = GatherND(x, i) {batch_dims: 1}',
  'sequences backwards, of their own lengths':
    '(x: float32[4, 3, 2]) -> (y: float32[4, 3, 2])\nl = int64[3] {1, 3, 4}\ny = ReverseSequence(x, l) {batch_axis: 1, time_axis: 0}',
  'the upper triangle': '(x: float32[5, 5]) -> (y: float32[5, 5])\nk = int64[] {1}\ny = Trilu(x, k) {upper: 1}',
})
