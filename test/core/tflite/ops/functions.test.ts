import { checkInBothOrders, checkLowerings } from '../../../support/check-lowering.ts'

checkInBothOrders([
  ...['Erf', 'Atan', 'Sinh', 'Cosh', 'Asinh', 'Sin', 'Cos', 'Exp', 'Abs', 'Floor', 'Ceil', 'Round', 'Sign', 'Neg'].map(
    (name) => [`${name}(x)`, '1, 8, 6, 6'] as const,
  ),
])

checkLowerings({
  'angles of what lies between -1 and 1':
    '(x: float32[2, 9]) -> (y: float32[2, 9], z: float32[2, 9])\nt = Tanh(x)\ny = Asin(t)\nz = Acos(t)',
})
