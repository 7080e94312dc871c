import { checkLowerings } from '../../support/check-lowering.ts'

/** `x` and `b`, of dims that broadcast, into a result of other dims. */
const pair = (x: string, b: string, y: string, call: string, type = 'float32') =>
  `(x: float32[${x}], b: float32[${b}]) -> (y: ${type}[${y}])\n${call}`

checkLowerings({
  'a comparison over five axes': pair('2, 3, 1, 4, 5', '2, 3, 6, 1, 5', '2, 3, 6, 4, 5', 'y = Greater(x, b)', 'bool'),
  'a comparison whose axes alternate': pair('2, 1, 2, 1, 2, 1', '1, 3, 1, 2, 1, 2', '2, 3, 2, 2, 2, 2', 'y = Less(x, b)', 'bool'),
  'a power over five axes': pair('2, 3, 2, 2, 2', '3, 1, 1, 1', '2, 3, 2, 2, 2', 'a = Abs(x)\ny = Pow(a, b)'),
  'a choice over six axes':
    '(x: float32[2, 1, 2, 1, 2, 3], b: float32[1, 2, 1, 3, 1, 1]) -> (y: float32[2, 2, 2, 3, 2, 3])\nc = Greater(x, b)\ny = Where(c, x, b)',
  'a sum over seven axes': pair('1, 1, 2, 1, 2, 1, 2', '2, 1', '1, 1, 2, 1, 2, 2, 2', 'y = Add(x, b)'),
  'a sum with another rank, over seven axes that alternate': pair(
    '2, 1, 2, 1, 2, 1, 2',
    '3, 1, 2, 1, 2, 1',
    '2, 3, 2, 2, 2, 2, 2',
    'y = Sub(x, b)',
  ),
  'a slope of each channel over five axes': pair('1, 3, 2, 2, 2', '3, 1, 1, 1', '1, 3, 2, 2, 2', 'y = PRelu(x, b)'),
  'a remainder over five axes': pair(
    '2, 3, 2, 2, 2',
    '3, 1, 1, 1',
    '2, 3, 2, 2, 2',
    'c = Abs(b)\nd = Add(c, float32 1.0)\ny = Mod(x, d) {fmod: 1}',
  ),
  'seven axes, some of which stay neighbours':
    '(x: float32[2, 3, 1, 2, 2, 2, 2]) -> (y: float32[2, 2, 3, 1, 2, 2, 2])\nt = Transpose(x) {perm: [6, 0, 1, 2, 3, 4, 5]}\ny = Neg(t)',
  'a slice over six axes':
    '(x: float32[2, 3, 2, 5, 2, 2]) -> (y: float32[2, 3, 2, 2, 2, 2])\ns = int64[1] {4}\ne = int64[1] {0}\na = int64[1] {3}\nt = int64[1] {-2}\ny = Slice(x, s, e, a, t)',
  'a slice over six axes, backwards to the begin':
    '(x: float32[2, 3, 2, 5, 2, 2]) -> (y: float32[2, 3, 2, 3, 2, 2])\ns = int64[1] {4}\ne = int64[1] {-99}\na = int64[1] {3}\nt = int64[1] {-2}\ny = Slice(x, s, e, a, t)',
  'a sum along some of seven axes':
    '(x: float32[2, 3, 2, 2, 2, 2, 2]) -> (y: float32[2, 1, 2, 1, 2, 2, 2])\na = int64[2] {1, 3}\ny = ReduceSum(x, a)',
  'the largest along some of seven axes, which go':
    '(x: float32[2, 3, 2, 2, 2, 2, 2]) -> (y: float32[2, 2, 2, 2, 2])\na = int64[2] {1, 3}\ny = ReduceMax(x, a) {keepdims: 0}',
  'a softmax over seven axes': '(x: float32[2, 3, 2, 2, 2, 2, 2]) -> (y: float32[2, 3, 2, 2, 2, 2, 2])\ny = Softmax(x)',
  'a join over seven axes': '(x: float32[2, 3, 2, 2, 2, 2, 2]) -> (y: float32[2, 3, 2, 2, 4, 2, 2])\ny = Concat(x, x) {axis: 4}',
  'padding over six axes':
    '(x: float32[1, 2, 2, 2, 2, 2]) -> (y: float32[1, 2, 2, 5, 2, 2])\np = int64[12] {0, 0, 0, 1, 0, 0, 0, 0, 0, 2, 0, 0}\ny = Pad(x, p)',
  'padding with a number over six axes':
    '(x: float32[1, 2, 2, 2, 2, 2]) -> (y: float32[1, 2, 2, 5, 2, 2])\np = int64[12] {0, 0, 0, 1, 0, 0, 0, 0, 0, 2, 0, 0}\ny = Pad(x, p, float32 7.0)',
  'products of matrices over six axes': pair('2, 2, 3, 2, 3, 4', '2, 2, 3, 2, 4, 2', '2, 2, 3, 2, 3, 2', 'y = MatMul(x, b)'),
  'products of matrices over six axes, one of them for all': pair('2, 2, 3, 2, 3, 4', '4, 2', '2, 2, 3, 2, 3, 2', 'y = MatMul(x, b)'),
})
