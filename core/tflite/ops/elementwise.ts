import type { DType } from '../../ir/dtype.ts'
import type { Value } from '../../ir/value.ts'
import { Arithmetic } from '../arithmetic.ts'
import { constantNumbers, input, number, optional, output } from '../attributes.ts'
import type { Fields } from '../codec.ts'
import type { Conversion, Lowering, LoweringContext } from '../conversion.ts'
import { resultOf } from '../fused.ts'
import { type Perm, store } from '../layout.ts'
import type { Builtin } from '../operators.ts'
import { Unconvertible } from '../unconvertible.ts'

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
    if (isNarrow(to.dtype(inputs[0] as Value)) && !to.computesInEightBits) return inInt32(context, operator, { inputs, perm })
    const tensors = inputs.map((value) => aligned(to, value, dims.length, perm))
    const { value, activation } = takesActivation(operator, to.dtype(output(node)))
      ? resultOf(to, output(node))
      : { value: output(node), activation: 0 }
    to.put(
      value,
      to.emit(operator, {
        inputs: tensors,
        dims: store(dims, perm),
        dtype: to.dtype(output(node)),
        options: activation === 0 ? options : { ...options, activation },
        name: value.name,
      }),
      perm,
    )
  }

const takesActivation = (operator: Builtin, dtype: DType): boolean =>
  ['ADD', 'SUB', 'MUL', 'DIV'].includes(operator) && (dtype === 'float32' || dtype === 'int8')

/** Integers that the runtime computes with only when they stand for quantized numbers. */
const isNarrow = (dtype: DType): boolean => dtype === 'uint8' || dtype === 'int8' || dtype === 'int16' || dtype === 'uint16'

/** Plain 8- and 16-bit integers are computed in 32 bits; the cast back wraps around as they do. */
function inInt32({ node, to }: LoweringContext, operator: Builtin, { inputs, perm }: { inputs: readonly Value[]; perm: Perm }): void {
  const a = new Arithmetic(to)
  const result = output(node)
  const tensors = inputs.map((value) => a.cast(aligned(to, value, to.dims(result).length, perm), 'int32'))
  const dtype = to.dtype(result)
  const made = to.emit(operator, { inputs: tensors, dims: store(to.dims(result), perm), dtype: dtype === 'bool' ? 'bool' : 'int32' })
  to.put(result, a.cast(made, dtype), perm)
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

/** A power of an integer by a float or the other way round: both as floats, the result as the base. */
const power: Lowering = (context) => {
  const { node, to } = context
  const [base, exponent] = [input(node, 0), input(node, 1)]
  if (to.dtype(base) === to.dtype(exponent)) return broadcasting('POW')(context)
  const a = new Arithmetic(to)
  const made = a.binary('POW', a.cast(to.plain(base), 'float32'), a.cast(to.plain(exponent), 'float32'))
  to.put(output(node), a.cast(made, to.dtype(base)))
}

/** The remainder with the sign of the divisor, or with `fmod` that of the dividend. */
const remainder: Lowering = (context) => {
  const { node, to } = context
  if (number(node, 'fmod', 0) === 0) return broadcasting('FLOOR_MOD')(context)
  const a = new Arithmetic(to)
  const [x, y] = [to.plain(input(node, 0)), to.plain(input(node, 1))]
  const size = a.binary('FLOOR_MOD', a.unary('ABS', x), a.unary('ABS', y))
  to.put(output(node), a.binary('MUL', size, a.unary('SIGN', x)))
}

const mean: Lowering = ({ node, to }) => {
  const a = new Arithmetic(to)
  const inputs = node.inputs.filter((value) => value !== null)
  const sum = inputs.map((value) => to.plain(value)).reduce((left, right) => a.binary('ADD', left, right))
  to.put(output(node), a.with('DIV', sum, inputs.length))
}

/** All bits turned are those of -1 crossed with them; the runtime has that for the wider integers. */
const bitwiseNot: Lowering = ({ node, to }) => {
  const a = new Arithmetic(to)
  const place = to.placed(input(node, 0))
  const dtype = to.dtype(input(node, 0))
  const crossed = a.with('BITWISE_XOR', a.cast(place.tensor, 'int32'), -1)
  to.put(output(node), a.cast(crossed, dtype), place.perm)
}

/** Nothing at inference. In training it draws random numbers. */
const dropout: Lowering = (context) => {
  const { node } = context
  const training = optional(node, 2)
  if (training !== null && (training.constant === null || constantNumbers(node, 2)?.[0] !== 0))
    throw new Unconvertible('a dropout in training mode', 'Export the model for inference.')
  const mask = node.outputs[1]
  if (mask !== undefined && (mask.uses.length > 0 || mask.isOutput))
    throw new Unconvertible('the mask of a dropout is asked for', 'Leave it unused.')
  identity(context)
}

const identity: Lowering = ({ node, to }) => {
  const place = to.placed(input(node, 0))
  to.put(output(node), place.tensor, place.perm)
}

export const elementwise: Readonly<Record<string, Lowering>> = {
  Identity: identity,
  Dropout: dropout,
  Cast: cast,
  CastLike: cast,
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
  Pow: power,
  Mod: remainder,
  Mean: mean,
  BitwiseXor: broadcasting('BITWISE_XOR'),
  BitwiseNot: bitwiseNot,
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
