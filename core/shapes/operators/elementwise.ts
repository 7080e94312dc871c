import { dtypeOfCode, isFloat } from '../../ir/dtype.ts'
import type { Dim, Shape } from '../../ir/value.ts'
import { addDims, broadcastShapes, differentDims, divideDims, multiplyDims, sameDim, subtractDims } from '../dim.ts'
import { broadcastKnown, isFollowed, type Known, rounded } from '../known.ts'
import { attribute, type Call, type Family, type Follow, likeFirst, type Operator, tensor } from '../operator.ts'

/** Shape of all inputs broadcast together; `null` when one is not known. */
export function broadcastInputs(call: Call): Shape {
  let shape: Shape = []
  for (let i = 0; i < call.count; i++) {
    if (!call.has(i)) continue
    const next = call.shape(i)
    if (next === null) return null
    shape = broadcastShapes(shape as readonly Dim[], next)
  }
  return shape
}

type Scalar = (a: Dim, b: Dim, integer: boolean) => Dim

/** Entries of several inputs combined one by one. */
const zip =
  (work: Scalar, logical = false): Follow =>
  (call) => {
    let result = call.known(0)
    for (let i = 1; i < call.count && result !== null; i++) {
      const other = call.known(i)
      if (other === null) return null
      result = zipTwo(result, other, { work, logical })
    }
    return result
  }

function zipTwo(a: Known, b: Known, how: { work: Scalar; logical: boolean }): Known | null {
  const dims = broadcastShapes(a.dims, b.dims) as readonly number[]
  const left = broadcastKnown(a, dims)
  const right = broadcastKnown(b, dims)
  if (left === null || right === null) return null
  const dtype = how.logical ? 'bool' : a.dtype
  const integer = !isFloat(a.dtype)
  const entries = left.entries.map((entry, i) => {
    const value = how.work(entry, right.entries[i] ?? null, integer)
    return typeof value === 'number' ? fitting(value, dtype) : value
  })
  return { dtype, dims, entries }
}

/** A number as its type holds it; unknown when it overflows the type. */
function fitting(value: number, dtype: Known['dtype']): Dim {
  if (isFloat(dtype)) return rounded(value, dtype)
  const range = /^(u?)int(\d+)$/.exec(dtype)
  if (range === null) return value
  const bits = Number(range[2]) - (range[1] === 'u' ? 0 : 1)
  const low = range[1] === 'u' ? 0 : -(2 ** bits)
  if (!Number.isInteger(value) || value < low || value > 2 ** bits - (bits > 52 ? 0 : 1)) return null
  return value
}

const numbers =
  (work: (a: number, b: number, integer: boolean) => number): Scalar =>
  (a, b, integer) =>
    typeof a === 'number' && typeof b === 'number' ? work(a, b, integer) : null

const dims =
  (onNumbers: (a: number, b: number) => number, onDims: (a: Dim, b: Dim) => Dim): Scalar =>
  (a, b, integer) =>
    typeof a === 'number' && typeof b === 'number' ? onNumbers(a, b) : integer ? onDims(a, b) : null

const divide: Scalar = (a, b, integer) => {
  if (typeof a === 'number' && typeof b === 'number') return integer ? (b === 0 ? null : Math.trunc(a / b)) : a / b
  return integer ? divideDims(a, b) : null
}

const equal: Scalar = (a, b) => (sameDim(a, b) ? 1 : a === null || b === null ? null : differentDims(a, b) || isSize(a, b) ? 0 : null)

/** A symbol is a size: it never equals a negative number. */
const isSize = (a: Dim, b: Dim): boolean => {
  const [number, other] = typeof a === 'number' ? [a, b] : [b, a]
  return typeof number === 'number' && number < 0 && typeof other === 'string' && !other.includes('-')
}

const smaller: Scalar = (a, b) => (sameDim(a, b) ? a : numbers((x, y) => Math.min(x, y))(a, b, true))
const larger: Scalar = (a, b) => (sameDim(a, b) ? a : numbers((x, y) => Math.max(x, y))(a, b, true))

const broadcasting = (follow?: Follow): Operator => ({
  infer: (call) => [tensor(call.dtype(0), broadcastInputs(call))],
  ...(follow === undefined ? {} : { follow }),
})

const comparing = (work: Scalar): Operator => ({ infer: (call) => [tensor('bool', broadcastInputs(call))], follow: zip(work, true) })

const each =
  (work: (value: Dim, dtype: Known['dtype']) => Dim): Follow =>
  (call) => {
    const known = call.known(0)
    if (known === null) return null
    return { ...known, entries: known.entries.map((entry) => finish(work(entry, known.dtype), known.dtype)) }
  }

const finish = (value: Dim, dtype: Known['dtype']): Dim => (typeof value === 'number' ? fitting(value, dtype) : value)

const one = (work: (value: number) => number): Follow => each((value) => (typeof value === 'number' ? work(value) : null))

const unary = (follow?: Follow): Operator => (follow === undefined ? { infer: likeFirst } : { infer: likeFirst, follow })

/** Round half to even, as ONNX asks. */
function roundEven(value: number): number {
  const low = Math.floor(value)
  const rest = value - low
  if (rest !== 0.5) return Math.round(value)
  return low % 2 === 0 ? low : low + 1
}

/** Powers that every implementation computes alike. */
const power = numbers((base, exponent) => (exponent === 2 ? base * base : exponent === 1 ? base : exponent === 0 ? 1 : Number.NaN))
const exactPower: Scalar = (a, b, integer) => {
  const value = power(a, b, integer)
  return Number.isNaN(value) ? null : value
}

const followWhere: Follow = (call) => {
  const [condition, yes, no] = [call.known(0), call.known(1), call.known(2)]
  if (condition === null || yes === null || no === null) return null
  const shape = broadcastShapes(broadcastShapes(condition.dims, yes.dims), no.dims) as readonly number[]
  const [c, y, n] = [condition, yes, no].map((known) => broadcastKnown(known, shape))
  if (c == null || y == null || n == null) return null
  const entries = c.entries.map((entry, i): Dim => {
    const [a, b] = [y.entries[i] ?? null, n.entries[i] ?? null]
    return entry === null ? (sameDim(a, b) ? a : null) : entry !== 0 ? a : b
  })
  return { dtype: yes.dtype, dims: shape, entries }
}

/** Cast of contents: to whole numbers by truncation, to booleans by comparison with 0. */
export function castKnown(known: Known | null, to: Known['dtype'] | null): Known | null {
  if (known === null || to === null || !isFollowed(to)) return null
  const whole = !isFloat(to)
  const entries = known.entries.map((entry): Dim => {
    if (typeof entry !== 'number') return whole && to !== 'bool' ? entry : null
    if (to === 'bool') return entry === 0 ? 0 : 1
    if (!whole) return rounded(entry, to)
    return Number.isFinite(entry) ? fitting(Math.trunc(entry), to) : null
  })
  // A symbol as a float would be a symbol of its own kind: sizes are whole numbers, and only whole numbers are followed.
  return { dtype: to, dims: known.dims, entries }
}

const castTarget = (call: Call) => dtypeOfCode(attribute(call, 'to', 0)) ?? null

const cast: Operator = {
  infer: (call) => [tensor(castTarget(call), call.shape(0))],
  follow: (call) => castKnown(call.known(0), castTarget(call)),
}

const castLike: Operator = {
  infer: (call) => [tensor(call.dtype(1), call.shape(0))],
  follow: (call) => castKnown(call.known(0), call.dtype(1)),
}

const toBool: Operator = { infer: (call) => [tensor('bool', call.shape(0))] }

const plain = [
  ...[
    'Relu',
    'LeakyRelu',
    'Elu',
    'Selu',
    'Celu',
    'Sigmoid',
    'HardSigmoid',
    'HardSwish',
    'Swish',
    'Tanh',
    'Softplus',
    'Softsign',
    'ThresholdedRelu',
  ],
  ...['Gelu', 'Mish', 'Erf', 'Exp', 'Log', 'Sin', 'Cos', 'Tan', 'Asin', 'Acos', 'Atan', 'Sinh', 'Cosh', 'Asinh', 'Acosh', 'Atanh'],
  ...['Shrink', 'BitwiseNot', 'Hardmax', 'Softmax', 'LogSoftmax', 'Clip', 'CumSum', 'CumProd', 'Trilu', 'LpNormalization', 'LRN'],
  ...['MeanVarianceNormalization', 'ImageScaler'],
]

export const elementwise: Family = {
  ...Object.fromEntries(plain.map((type) => [type, unary()])),
  Add: broadcasting(zip(dims((a, b) => a + b, addDims))),
  Sub: broadcasting(zip(dims((a, b) => a - b, subtractDims))),
  Mul: broadcasting(zip(dims((a, b) => a * b, multiplyDims))),
  Div: broadcasting(zip(divide)),
  Mod: broadcasting(zip((a, b, integer) => (integer && typeof a === 'number' && typeof b === 'number' && a >= 0 && b > 0 ? a % b : null))),
  Pow: broadcasting(zip(exactPower)),
  Min: broadcasting(zip(smaller)),
  Max: broadcasting(zip(larger)),
  Sum: broadcasting(zip(dims((a, b) => a + b, addDims))),
  Mean: broadcasting(),
  PRelu: { infer: likeFirst },
  BitShift: broadcasting(),
  BitwiseAnd: broadcasting(),
  BitwiseOr: broadcasting(),
  BitwiseXor: broadcasting(),
  And: comparing(numbers((a, b) => (a !== 0 && b !== 0 ? 1 : 0))),
  Or: comparing(numbers((a, b) => (a !== 0 || b !== 0 ? 1 : 0))),
  Xor: comparing(numbers((a, b) => ((a !== 0) !== (b !== 0) ? 1 : 0))),
  Equal: comparing(equal),
  Less: comparing(numbers((a, b) => (a < b ? 1 : 0))),
  Greater: comparing(numbers((a, b) => (a > b ? 1 : 0))),
  LessOrEqual: comparing((a, b) => (sameDim(a, b) ? 1 : numbers((x, y) => (x <= y ? 1 : 0))(a, b, true))),
  GreaterOrEqual: comparing((a, b) => (sameDim(a, b) ? 1 : numbers((x, y) => (x >= y ? 1 : 0))(a, b, true))),
  Not: { infer: (call) => [tensor('bool', call.shape(0))], follow: one((value) => (value === 0 ? 1 : 0)) },
  Neg: unary(each((value, dtype) => (typeof value === 'number' ? -value : isFloat(dtype) ? null : subtractDims(0, value)))),
  Abs: unary(one(Math.abs)),
  Sign: unary(one(Math.sign)),
  Sqrt: unary(one(Math.sqrt)),
  Reciprocal: unary(one((value) => 1 / value)),
  Floor: unary(one(Math.floor)),
  Ceil: unary(one(Math.ceil)),
  Round: unary(one(roundEven)),
  IsNaN: toBool,
  IsInf: toBool,
  Identity: unary((call) => call.known(0)),
  Where: {
    infer: (call) => [tensor(call.dtype(1) ?? call.dtype(2), broadcastInputs(call))],
    follow: followWhere,
  },
  Cast: cast,
  CastLike: castLike,
  Dropout: {
    infer: (call) => [call.type(0), tensor(call.opset >= 12 ? 'bool' : call.dtype(0), call.shape(0))],
  },
}
