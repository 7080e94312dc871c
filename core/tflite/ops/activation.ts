import { Arithmetic } from '../arithmetic.ts'
import { constantNumbers, input, number, optional, output, text } from '../attributes.ts'
import type { Lowering, LoweringContext } from '../conversion.ts'
import { store } from '../layout.ts'
import type { Builtin } from '../operators.ts'
import { Unconvertible } from '../unconvertible.ts'
import { unary } from './elementwise.ts'
import { pointwise } from './functions.ts'

/** Emits one operator on `inputs` in the order of axes that the node's input has. */
function along({ node, to }: LoweringContext): (operator: Builtin, inputs: readonly number[]) => number {
  const { perm } = to.placed(input(node, 0))
  const spec = { dims: store(to.dims(output(node)), perm), dtype: to.dtype(output(node)) }
  return (operator, inputs) => to.emit(operator, { ...spec, inputs })
}

/** Builds a result from the input tensor and puts it where the input is. */
const composed =
  (build: (x: number, emit: (operator: Builtin, inputs: readonly number[]) => number, context: LoweringContext) => number): Lowering =>
  (context) => {
    const { node, to } = context
    const place = to.placed(input(node, 0))
    to.put(output(node), build(place.tensor, along(context), context), place.perm)
  }

const clip: Lowering = (context) => {
  const { node, to } = context
  if ([1, 2].some((at) => optional(node, at) !== null && optional(node, at)?.constant == null)) return computedClip(context)
  const low = optional(node, 1) === null ? number(node, 'min', Number.NEGATIVE_INFINITY) : (constantNumbers(node, 1)?.[0] as number)
  const high = optional(node, 2) === null ? number(node, 'max', Number.POSITIVE_INFINITY) : (constantNumbers(node, 2)?.[0] as number)
  const fixed = to.dtype(output(node)) === 'float32' ? boundedRelu(low, high) : null
  if (fixed !== null) return unary(fixed)(context)
  if (!['float32', 'int32'].includes(to.dtype(output(node))))
    throw new Unconvertible(`clipping of ${to.dtype(output(node))}`, 'Clip floats, or 32-bit integers.')
  const scalar = (value: number): number => (to.dtype(output(node)) === 'float32' ? to.floats([value]) : to.ints([value], []))
  composed((x, emit) => {
    const raised = low === Number.NEGATIVE_INFINITY ? x : emit('MAXIMUM', [x, scalar(low)])
    return high === Number.POSITIVE_INFINITY ? raised : emit('MINIMUM', [raised, scalar(high)])
  })(context)
}

/** Bounds that are known only at run time. */
function computedClip(context: LoweringContext): void {
  const { node, to } = context
  pointwise((x, a) => {
    const [low, high] = [1, 2].map((at) => optional(node, at))
    const raised = low == null ? x : a.binary('MAXIMUM', x, to.plain(low))
    return high == null ? raised : a.binary('MINIMUM', raised, to.plain(high))
  })(context)
}

/** The runtime's own operator for some bounds. */
function boundedRelu(low: number, high: number): Builtin | null {
  if (low === 0 && high === 6) return 'RELU6'
  if (low === -1 && high === 1) return 'RELU_N1_TO_1'
  return low === 0 && high === Number.POSITIVE_INFINITY ? 'RELU' : null
}

const gelu: Lowering = (context) => unary('GELU', { approximate: text(context.node, 'approximate', 'none') === 'tanh' })(context)

const elu: Lowering = (context) => {
  const alpha = number(context.node, 'alpha', 1)
  if (alpha === 1) return unary('ELU')(context)
  composed((x, emit, { to }) => {
    const negative = emit('MUL', [emit('SUB', [emit('EXP', [emit('MINIMUM', [x, to.floats([0])])]), to.floats([1])]), to.floats([alpha])])
    return emit('ADD', [emit('RELU', [x]), negative])
  })(context)
}

const selu: Lowering = composed((x, emit, { node, to }) => {
  const [alpha, gamma] = [number(node, 'alpha', 1.6732632423543772), number(node, 'gamma', 1.0507009873554805)]
  const negative = emit('MUL', [emit('SUB', [emit('EXP', [emit('MINIMUM', [x, to.floats([0])])]), to.floats([1])]), to.floats([alpha])])
  return emit('MUL', [emit('ADD', [emit('RELU', [x]), negative]), to.floats([gamma])])
})

/** max(0, min(1, alpha x + beta)). */
const hardSigmoid: Lowering = composed((x, emit, { node, to }) => {
  const line = emit('ADD', [emit('MUL', [x, to.floats([number(node, 'alpha', 0.2)])]), to.floats([number(node, 'beta', 0.5)])])
  return emit('MINIMUM', [emit('MAXIMUM', [line, to.floats([0])]), to.floats([1])])
})

/** log(1 + e^x) as max(x, 0) + log(1 + e^-|x|), which does not overflow. */
const softplusOf = (x: number, emit: (operator: Builtin, inputs: readonly number[]) => number, one: number): number =>
  emit('ADD', [emit('RELU', [x]), emit('LOG', [emit('ADD', [emit('EXP', [emit('NEG', [emit('ABS', [x])])]), one])])])

const softplus: Lowering = composed((x, emit, { to }) => softplusOf(x, emit, to.floats([1])))

const mish: Lowering = composed((x, emit, { to }) => emit('MUL', [x, emit('TANH', [softplusOf(x, emit, to.floats([1]))])]))

const swish: Lowering = composed((x, emit, { node, to }) => {
  const alpha = number(node, 'alpha', 1)
  return emit('MUL', [x, emit('LOGISTIC', [alpha === 1 ? x : emit('MUL', [x, to.floats([alpha])])])])
})

const softsign: Lowering = composed((x, emit, { to }) => emit('DIV', [x, emit('ADD', [emit('ABS', [x]), to.floats([1])])]))

/** x * sigmoid(alpha * x), as onnxruntime spells SiLU. */
const quickGelu: Lowering = pointwise((x, a, { node }) =>
  a.binary('MUL', x, a.unary('LOGISTIC', a.with('MUL', x, number(node, 'alpha', 1.702)))),
)

/** GELU of the sum of an input and an optional bias. */
const biasGelu =
  (approximate: boolean): Lowering =>
  ({ node, to }) => {
    const a = new Arithmetic(to)
    const bias = optional(node, 1)
    const x = to.plain(input(node, 0))
    to.put(output(node), a.unary('GELU', bias === null ? x : a.binary('ADD', x, to.plain(bias)), { approximate }))
  }

/** max(0, x) + min(0, alpha * (exp(x / alpha) - 1)). */
const celu: Lowering = pointwise((x, a, { node }) => {
  const alpha = number(node, 'alpha', 1)
  const grown = a.unary('EXP', a.with('DIV', a.with('MINIMUM', x, 0), alpha))
  return a.binary('ADD', a.unary('RELU', x), a.with('MUL', a.with('SUB', grown, 1), alpha))
})

const thresholdedRelu: Lowering = pointwise((x, a, { node }) => {
  const above = a.compare('GREATER', x, a.scalar(number(node, 'alpha', 1), x))
  return a.binary('MUL', x, a.cast(above, 'float32'))
})

/** x - bias above lambd, x + bias below -lambd, 0 between. */
const shrink: Lowering = pointwise((x, a, { node }) => {
  const [lambd, bias] = [number(node, 'lambd', 0.5), number(node, 'bias', 0)]
  const high = a.cast(a.compare('GREATER', x, a.scalar(lambd, x)), 'float32')
  const low = a.cast(a.compare('LESS', x, a.scalar(-lambd, x)), 'float32')
  return a.binary('ADD', a.binary('MUL', a.with('SUB', x, bias), high), a.binary('MUL', a.with('ADD', x, bias), low))
})

export const activation: Readonly<Record<string, Lowering>> = {
  Clip: clip,
  Gelu: gelu,
  'com.microsoft:Gelu': gelu,
  Elu: elu,
  Selu: selu,
  HardSigmoid: hardSigmoid,
  Softplus: softplus,
  Mish: mish,
  Swish: swish,
  Softsign: softsign,
  Celu: celu,
  ThresholdedRelu: thresholdedRelu,
  Shrink: shrink,
  'com.microsoft:QuickGelu': quickGelu,
  'com.microsoft:FastGelu': biasGelu(true),
  'com.microsoft:BiasGelu': biasGelu(false),
}
