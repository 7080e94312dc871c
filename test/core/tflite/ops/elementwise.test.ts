import { checkInBothOrders, checkLowerings } from '../../../support/check-lowering.ts'

checkInBothOrders([
  ['Relu(x)', '1, 8, 6, 6'],
  ['LeakyRelu(x) {alpha: 0.3}', '1, 8, 6, 6'],
  ['Add(x, c)', '1, 8, 6, 6', 'c = float32[8, 1, 1]'],
  ['Mul(x, c)', '1, 8, 6, 6', 'c = float32[6]'],
  ['Sub(c, x)', '1, 8, 6, 6', 'c = float32[1, 8, 1, 6]'],
  ['Div(x, c)', '1, 8, 6, 6', 'c = float32[] {3}'],
  ['Max(x, c)', '1, 8, 6, 6', 'c = float32[6, 6]'],
  ['PRelu(x, c)', '1, 8, 6, 6', 'c = float32[8, 1, 1]'],
  ['Where(c, x, d)', '1, 8, 6, 6', 'd = float32[8, 1, 1]\nc = bool[8, 1, 1]'],
])

checkLowerings({
  'broadcasting over five axes': '(a: float32[1, 2, 3, 4, 5], b: float32[3, 1, 5]) -> (y: float32[1, 2, 3, 4, 5])\ny = Sub(a, b)',
  'sum of three': '(a: float32[2, 3], b: float32[3], c: float32[2, 1]) -> (y: float32[2, 3])\ny = Sum(a, b, c)',
  'mean of three': '(a: float32[2, 3], b: float32[3], c: float32[2, 1]) -> (y: float32[2, 3])\ny = Mean(a, b, c)',
  'remainders with the sign of the divisor': '(a: int64[6]) -> (y: int64[6])\nb = int64[6] {3, -3, 2, -2, 5, 7}\ny = Mod(a, b)',
  'a power of whole numbers': '(a: int64[4]) -> (y: int64[4])\nb = int64[] {3}\ny = Pow(a, b)',
  'bits turned': '(a: int32[4]) -> (y: int32[4])\ny = BitwiseNot(a)',
  'plain 8-bit integers wrap around': '(a: uint8[3]) -> (y: uint8[3])\nb = uint8[3] {255, 254, 1}\ny = Add(a, b)',
  logic: '(a: bool[4], b: bool[4]) -> (y: bool[4])\nn = Not(a)\no = Or(n, b)\ny = Xor(o, a)',
})

checkLowerings({
  'unsigned integers of 32 bits':
    'opset 18\n(x: uint32[4], b: uint32[4]) -> (y: uint32[4], z: bool[4])\nc = Add(b, uint32 1)\ny = Div(x, c)\nz = Equal(x, b)',
})
