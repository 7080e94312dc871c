import { casesOf, everything, floats, integers, type KernelCase, unary } from './case.ts'

const smooth = [
  ...['Acos', 'Acosh', 'Asin', 'Asinh', 'Atan', 'Atanh', 'Ceil', 'Celu', 'Cos', 'Cosh', 'Elu', 'Erf', 'Exp', 'Floor', 'Gelu'],
  ...['HardSigmoid', 'HardSwish', 'Hardmax', 'IsInf', 'IsNaN', 'LeakyRelu', 'Log', 'LogSoftmax', 'Mish', 'Reciprocal', 'Round', 'Selu'],
  ...['Shrink', 'Sigmoid', 'Sin', 'Sinh', 'Softmax', 'Softplus', 'Softsign', 'Sqrt', 'Tan', 'Tanh', 'ThresholdedRelu'],
]

const pair = (op: string, types: readonly string[], attributes = '') =>
  casesOf({ op, types, text: `(a: T[2, 8], b: T[8]) -> (y)\ny = ${op}(a, b)${attributes}` })

export const elementwise: readonly KernelCase[] = [
  ...smooth.flatMap((op) => casesOf(unary(op, floats))),
  ...['Abs', 'Neg', 'Relu', 'Sign'].flatMap((op) => casesOf(unary(op, [...floats, ...integers]))),
  ...casesOf(unary('Swish', floats, { opset: 24 })),
  ...casesOf(unary('Identity', everything)),
  ...casesOf(unary('Not', ['bool'])),
  ...['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Max', 'Min'].flatMap((op) => pair(op, [...floats, ...integers])),
  ...['Mean', 'Sum', 'PRelu'].flatMap((op) => pair(op, floats)),
  ...pair('Mod', floats, ' {fmod: 1}'),
  ...pair('Mod', integers),
  ...['Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual'].flatMap((op) => pair(op, [...floats, ...integers])),
  ...pair('Equal', ['bool']),
  ...['And', 'Or', 'Xor'].flatMap((op) => pair(op, ['bool'])),
  ...['BitwiseAnd', 'BitwiseOr', 'BitwiseXor'].flatMap((op) => pair(op, integers)),
  ...pair('BitShift', ['uint8', 'uint32', 'uint64'], ' {direction: "LEFT"}'),
  ...casesOf({ op: 'Where', types: everything, text: '(c: bool[2, 8], a: T[2, 8], b: T[8]) -> (y)\ny = Where(c, a, b)' }),
  ...casesOf({
    op: 'Clip',
    types: [...floats, ...integers],
    text: '(x: T[2, 8]) -> (y)\nlow = T[] {0}\nhigh = T[] {2}\ny = Clip(x, low, high)',
  }),
  ...everything.flatMap((type) =>
    casesOf({ op: 'Cast', types: [type], special: 'to float32', text: '(x: T[2, 8]) -> (y)\ny = Cast(x) {to: 1}' }),
  ),
  ...casesOf({ op: 'Cast', types: ['float32'], special: 'to float16', text: '(x: T[2, 8]) -> (y)\ny = Cast(x) {to: 10}' }),
  ...casesOf({ op: 'CastLike', types: ['float32'], text: '(x: T[2, 8], l: int64[1]) -> (y)\ny = CastLike(x, l)' }),
]
