import type { DType } from '../../ir/dtype.ts'
import type { Value } from '../../ir/value.ts'
import { input, number, output } from '../attributes.ts'
import type { Fields } from '../codec.ts'
import type { Conversion, Lowering, LoweringContext } from '../conversion.ts'
import { type Perm, store } from '../layout.ts'
import type { Builtin } from '../operators.ts'

/** Operators of one input that work element by element and follow any order of axes. */
export const unary =
  (operator: Builtin, options: Fields = {}): Lowering =>
  ({ node, to }) => {
    const place = to.placed(input(node, 0))
    const dims = store(to.dims(output(node)), place.perm)
    to.put(
      output(node),
      to.emit(operator, { inputs: [place.tensor], dims, dtype: to.dtype(output(node)), options, name: output(node).name }),
      place.perm,
    )
  }

/** The order of axes that an operator of several inputs computes in: that of the first computed input of full rank which is not in ONNX order. */
export function commonPerm(to: Conversion, inputs: readonly Value[], rank: number): Perm {
  for (const value of inputs) {
    if (value.constant !== null || to.dims(value).length !== rank) continue
    const { perm } = to.placed(value)
    if (perm !== null) return perm
  }
  return null
}

/** An input of a broadcasting operator in `perm`. One of lower rank gets the leading 1s that broadcasting implies before its axes are moved. */
export function aligned(to: Conversion, value: Value, rank: number, perm: Perm): number {
  const dims = to.dims(value)
  if (perm === null || dims.length === rank) return to.stored(value, dims.length === rank ? perm : null)
  const padded = [...new Array<number>(rank - dims.length).fill(1), ...dims]
  const moved = store(padded, perm)
  const kept = perm.map((axis) => axis - (rank - dims.length)).filter((axis) => axis >= 0)
  const inOrder = kept.every((axis, i) => axis === i)
  return to.reshape(to.stored(value, inOrder ? null : kept), moved)
}

/** Operators of several inputs with broadcasting. */
export const broadcasting =
  (operator: Builtin, options: Fields = {}): Lowering =>
  (context) => {
    const { node, to } = context
    const inputs = node.inputs.filter((value) => value !== null)
    const dims = to.dims(output(node))
    const perm = commonPerm(to, inputs, dims.length)
    const tensors = inputs.map((value) => aligned(to, value, dims.length, perm))
    const version = binaryVersion(operator, to.dtype(inputs[0] as Value), dims.length)
    to.put(
      output(node),
      to.emit(operator, {
        inputs: tensors,
        dims: store(dims, perm),
        dtype: to.dtype(output(node)),
        options,
        version,
        name: output(node).name,
      }),
      perm,
    )
  }

/** Versions as the runtime's kernels ask: int8 forms and more than four axes came later. */
function binaryVersion(operator: Builtin, dtype: DType, rank: number): number {
  if (dtype === 'int8') return operator === 'DIV' ? 2 : 2
  if (rank > 4 && (operator === 'ADD' || operator === 'SUB' || operator === 'MUL' || operator === 'DIV'))
    return operator === 'ADD' || operator === 'MUL' ? 3 : 2
  return 1
}

/** Sum, Max and Min of one or more inputs, two at a time. */
const folded =
  (operator: Builtin): Lowering =>
  ({ node, to }) => {
    const inputs = node.inputs.filter((value) => value !== null)
    const dims = to.dims(output(node))
    const perm = commonPerm(to, inputs, dims.length)
    const tensors = inputs.map((value) => aligned(to, value, dims.length, perm))
    const spec = { dims: store(dims, perm), dtype: to.dtype(output(node)) }
    to.put(
      output(node),
      tensors.reduce((left, right) => to.emit(operator, { ...spec, inputs: [left, right] })),
      perm,
    )
  }

/** x op c for a scalar c. */
function withScalar(
  { node, to }: LoweringContext,
  operator: Builtin,
  { scalar, first = false }: { scalar: number; first?: boolean },
): void {
  const place = to.placed(input(node, 0))
  const other = to.floats([scalar])
  const dims = store(to.dims(output(node)), place.perm)
  const inputs = first ? [other, place.tensor] : [place.tensor, other]
  to.put(output(node), to.emit(operator, { inputs, dims, dtype: to.dtype(output(node)), name: output(node).name }), place.perm)
}

const leakyRelu: Lowering = ({ node, to }) => unary('LEAKY_RELU', { alpha: number(node, 'alpha', 0.01) })({ node, to })

const cast: Lowering = ({ node, to }) => {
  const from = to.dtype(input(node, 0))
  const dtype = to.dtype(output(node))
  const place = to.placed(input(node, 0))
  if (from === dtype) return to.put(output(node), place.tensor, place.perm)
  const dims = store(to.dims(output(node)), place.perm)
  to.put(output(node), to.emit('CAST', { inputs: [place.tensor], dims, dtype, name: output(node).name }), place.perm)
}

const identity: Lowering = ({ node, to }) => {
  const place = to.placed(input(node, 0))
  to.put(output(node), place.tensor, place.perm)
}

export const elementwise: Readonly<Record<string, Lowering>> = {
  Identity: identity,
  Dropout: identity,
  Cast: cast,
  Relu: unary('RELU'),
  Sigmoid: unary('LOGISTIC'),
  Tanh: unary('TANH'),
  Exp: unary('EXP'),
  Log: unary('LOG'),
  Sqrt: unary('SQRT'),
  Neg: unary('NEG'),
  Abs: unary('ABS'),
  Floor: unary('FLOOR'),
  Ceil: unary('CEIL'),
  Round: unary('ROUND'),
  Sin: unary('SIN'),
  Cos: unary('COS'),
  Sign: unary('SIGN'),
  Not: unary('LOGICAL_NOT'),
  HardSwish: unary('HARD_SWISH'),
  LeakyRelu: leakyRelu,
  Reciprocal: (context) => withScalar(context, 'DIV', { scalar: 1, first: true }),
  Add: broadcasting('ADD'),
  Sub: broadcasting('SUB'),
  Mul: broadcasting('MUL'),
  Div: broadcasting('DIV'),
  Pow: broadcasting('POW'),
  PRelu: broadcasting('PRELU'),
  Equal: broadcasting('EQUAL'),
  Greater: broadcasting('GREATER'),
  GreaterOrEqual: broadcasting('GREATER_EQUAL'),
  Less: broadcasting('LESS'),
  LessOrEqual: broadcasting('LESS_EQUAL'),
  And: broadcasting('LOGICAL_AND'),
  Or: broadcasting('LOGICAL_OR'),
  Xor: broadcasting('NOT_EQUAL'),
  Where: broadcasting('SELECT_V2'),
  Sum: folded('ADD'),
  Max: folded('MAXIMUM'),
  Min: folded('MINIMUM'),
}
