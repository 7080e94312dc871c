import { intOf, intsOf } from '../ir/attributes.ts'
import { numbersOf } from '../ir/numbers.ts'
import type { Dim, Node, Value } from '../ir/value.ts'
import { addDims, sameDim } from '../shapes/dim.ts'
import { shapeOf } from '../shapes/shape-facts.ts'
import type { Axis, Factors, Unions } from './axis.ts'

/** A node, the axes of its inputs, and where axes are united. */
export interface Passage {
  readonly node: Node
  readonly given: readonly (readonly Factors[] | null)[]
  readonly unions: Unions
}

/** The axes of a node's outputs; `null` for one that is born there. */
type Carry = (passage: Passage) => readonly (readonly (Factors | null)[] | null)[]

const unary = `Abs Acos Asin Atan Cast CastLike Ceil Celu Clip Cos Cosh CumSum DequantizeLinear Dropout Elu Erf Exp FastGelu Floor Gelu HardSigmoid
HardSwish Hardmax Identity IsInf IsNaN LeakyRelu Log LogSoftmax LpNormalization Mish Neg Not QuantizeLinear QuickGelu Reciprocal Relu Rotary
RotaryEmbedding Round Selu Shrink Sigmoid Sign Sin Sinh Softmax Softplus Softsign Sqrt Swish Tan Tanh ThresholdedRelu Trilu Activation`
const broadcasting = `Add And BiasGelu BitwiseAnd BitwiseOr BitwiseXor Div Equal Greater GreaterOrEqual Less LessOrEqual Max Mean Min Mod Mul Or Pow
PRelu Sub Sum Where Xor`
const channelwise = 'BatchNormalization InstanceNormalization LRN GroupNormalization'
const lastwise = 'LayerNormalization RMSNormalization SimplifiedLayerNormalization Norm'
const reductions = `ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare ArgMax ArgMin`
const pools = 'AveragePool MaxPool LpPool GlobalAveragePool GlobalMaxPool'

const each = (names: string, carry: Carry): [string, Carry][] => names.split(/\s+/).map((name) => [name, carry])

const first: Carry = ({ given }) => [given[0] ?? null]

/** Axes meet from the last one on; one of size 1 meets any. */
const broadcast: Carry = ({ node, given, unions }) => {
  const all = given.filter((factors) => factors !== null)
  if (all.length < node.inputs.filter((input) => input !== null).length) return []
  const rank = Math.max(...all.map((factors) => factors.length))
  const meeting = (axis: number) => all.map((factors) => factors[axis - rank + factors.length] ?? [])
  return [Array.from({ length: rank }, (_, axis) => united(meeting(axis), unions))]
}

/** The axis that several are, or that the largest of them is. */
function united(meeting: readonly Factors[], unions: Unions): Factors {
  const [longest = [], ...others] = meeting.filter((factors) => factors.length > 0)
  for (const other of others) unions.unite(longest, other)
  return longest
}

/** A vector of one number for each step of an axis is along that axis. */
const along =
  (axisOf: (node: Node, rank: number) => number): Carry =>
  ({ node, given, unions }) => {
    const [x] = given
    if (x == null) return []
    const axis = x[axisOf(node, x.length)]
    for (const vector of given.slice(1)) if (axis !== undefined && vector?.length === 1) unions.unite(axis, vector[0] as Factors)
    return [x]
  }

const transpose: Carry = ({ node, given: [x] }) => {
  if (x == null) return []
  const perm = intsOf(node, 'perm') ?? [...x.keys()].reverse()
  return [perm.map((axis) => x[axis] ?? null)]
}

/** A view keeps the order of all factors: its axes take them off from the outermost one. */
const view: Carry = ({ node, given: [x], unions }) => {
  const shape = shapeOf(node.outputs[0] as Value)
  if (x == null || shape === null) return []
  let left: Factors = x.flat()
  const carried: (Factors | null)[] = []
  for (const size of shape) {
    const next = carried.includes(null) ? null : unions.take(left, size)
    carried.push(next?.taken ?? null)
    left = next?.left ?? []
  }
  return [carried]
}

/** [..., m, k] x [..., k, n]. */
const matMul: Carry = ({ node, given: [a, b], unions }) => {
  if (a == null || b == null || a.length < 2 || b.length < 2) return []
  const [x, y] = [turned(a, intOf(node, 'transA', 0)), turned(b, intOf(node, 'transB', 0))]
  unions.unite(x.at(-1) as Factors, y.at(-2) as Factors)
  const rank = Math.max(x.length, y.length) - 2
  const batches = Array.from({ length: rank }, (_, i) =>
    united(
      [x.slice(0, -2), y.slice(0, -2)].map((axes) => axes[i - rank + axes.length] ?? []),
      unions,
    ),
  )
  return [[...batches, x.at(-2) as Factors, y.at(-1) as Factors]]
}

const turned = (axes: readonly Factors[], flag: number): readonly Factors[] =>
  flag === 0 ? axes : [...axes.slice(0, -2), axes.at(-1) as Factors, axes.at(-2) as Factors]

const gemm: Carry = (passage) => {
  const [product] = matMul(passage)
  const bias = passage.given[2]
  if (product != null && bias != null && bias.length > 0) passage.unions.unite(product.at(-1) as Factors, bias.at(-1) as Factors)
  return [product ?? null]
}

/** [batch, in, ...] with weights [out, in / group, ...]; positions are kept where their number is. */
const convolution: Carry = ({ node, given: [x, w, bias], unions }) => {
  if (x == null || w == null) return []
  const group = intOf(node, 'group', 1)
  const out = w[0] as Factors
  if (group === 1) unions.unite(x[1] as Factors, w[1] as Factors)
  else if (w[1]?.length === 0) unions.unite(x[1] as Factors, out)
  if (bias?.length === 1) unions.unite(out, bias[0] as Factors)
  return [[x[0] ?? null, out, ...positions(node, x)]]
}

const pool: Carry = ({ node, given: [x] }) => (x == null ? [] : [[x[0] ?? null, x[1] ?? null, ...positions(node, x)]])

/** Axes of positions that an operator keeps one for one. */
function positions(node: Node, x: readonly Factors[]): (Factors | null)[] {
  const [from, to] = [shapeOf(node.inputs[0] as Value), shapeOf(node.outputs[0] as Value)]
  return x.slice(2).map((factors, i) => (sameDim(from?.[i + 2] ?? null, to?.[i + 2] ?? null) ? factors : null))
}

const concat: Carry = ({ node, given, unions }) => {
  if (given.some((factors) => factors === null)) return []
  const all = given as readonly (readonly Factors[])[]
  const rank = all[0]?.length ?? 0
  const at = positive(intOf(node, 'axis', 0), rank)
  let offset: Dim = 0
  const parts = node.inputs.map((input, i) => {
    const size: Dim = shapeOf(input as Value)?.[at] ?? null
    const part = { factors: all[i]?.[at] ?? [], offset, size }
    offset = addDims(offset, size)
    return part
  })
  const joined = unions.born(offset, { kind: 'joined', parts })
  return [
    Array.from({ length: rank }, (_, axis) =>
      axis === at
        ? joined
        : united(
            all.map((factors) => factors[axis] ?? []),
            unions,
          ),
    ),
  ]
}

/** Steps of an axis from `offset` on: a part that was joined there, or an axis cut from it. */
function cut(factors: Factors, offset: Dim, { size, unions }: { size: Dim; unions: Unions }): Factors {
  const [axis, ...others] = unions.resolved(factors) as readonly (Axis | undefined)[]
  if (others.length === 0 && axis?.birth.kind === 'joined') {
    const part = axis.birth.parts.find((each) => sameDim(each.offset, offset) && sameDim(each.size, size))
    if (part !== undefined) return part.factors
  }
  return unions.born(size, { kind: 'cut', from: factors, offset })
}

const split: Carry = ({ node, given: [x], unions }) => {
  if (x == null) return []
  const at = positive(intOf(node, 'axis', 0), x.length)
  let offset: Dim = 0
  return node.outputs.map((output) => {
    const size: Dim = shapeOf(output)?.[at] ?? null
    const own = cut(x[at] ?? [], offset, { size, unions })
    offset = addDims(offset, size)
    return x.map((factors, axis) => (axis === at ? own : factors))
  })
}

/** Axes along which nothing is left out stay what they are. */
const slice: Carry = ({ node, given: [x], unions }) => {
  const [from, to] = [shapeOf(node.inputs[0] as Value), shapeOf(node.outputs[0] as Value)]
  if (x == null || from === null || to === null) return []
  const starts = constants(node.inputs[1])
  const axes = node.inputs[3] == null ? [...(starts ?? []).keys()] : constants(node.inputs[3])
  const steps = node.inputs[4] == null ? null : constants(node.inputs[4])
  return [
    x.map((factors, axis) => {
      if (sameDim(from[axis] ?? null, to[axis] ?? null) && steps?.every((step) => step > 0) !== false) return factors
      const at = axes?.map((each) => positive(each, x.length)).indexOf(axis) ?? -1
      const start = starts?.[at]
      const forward = start !== undefined && start >= 0 && (steps?.[at] ?? 1) === 1
      return forward ? cut(factors, start, { size: to[axis] ?? null, unions }) : null
    }),
  ]
}

const gather: Carry = ({ node, given: [x, indices] }) => {
  if (x == null || indices == null) return []
  const at = positive(intOf(node, 'axis', 0), x.length)
  return [[...x.slice(0, at), ...indices, ...x.slice(at + 1)]]
}

const reduce: Carry = ({ node, given: [x] }) => {
  if (x == null) return []
  const given = constants(node.inputs[1]) ?? intsOf(node, 'axes') ?? (node.opType.startsWith('Arg') ? [intOf(node, 'axis', 0)] : null)
  if (node.inputs[1] != null && node.inputs[1].constant === null) return []
  const axes = given === null || given.length === 0 ? [...x.keys()] : given.map((axis) => positive(axis, x.length))
  const keeps = intOf(node, 'keepdims', 1) !== 0
  return [x.flatMap((factors, axis) => (axes.includes(axis) ? (keeps ? [[]] : []) : [factors]))]
}

/** What was of size 1 and is longer now is repeated. */
const expand: Carry = ({ node, given: [x], unions }) => {
  const [from, to] = [shapeOf(node.inputs[0] as Value), shapeOf(node.outputs[0] as Value)]
  if (x == null || from === null || to === null) return []
  return [
    to.map((size, axis) => {
      const own = axis - to.length + from.length
      return own >= 0 && sameDim(from[own] ?? null, size)
        ? (x[own] ?? null)
        : from[own] === 1 || own < 0
          ? unions.born(size, { kind: 'repeated' })
          : null
    }),
  ]
}

/** [steps, samples, in] with states [directions, samples, size]; samples first in layout 1. */
const recurrence: Carry = ({ node, given, unions }) => {
  const [x, , r] = given
  if (x?.length !== 3) return []
  const last = intOf(node, 'layout', 0) === 1
  const [steps, samples] = (last ? [x[1], x[0]] : [x[0], x[1]]) as [Factors, Factors]
  for (const state of [given[5], given[6]]) if (state?.length === 3) unions.equate(samples, (last ? state[0] : state[1]) as Factors)
  const [directions, size] = [r?.[0] ?? null, given[5]?.[2] ?? null]
  const state = last ? [samples, directions, size] : [directions, samples, size]
  return [last ? [samples, steps, directions, size] : [steps, directions, samples, size], state, state]
}

/** Queries along batch and length; what they get is made of values, head by head where no head is shared. */
const attention: Carry = ({ node, given: [q, , v] }) => {
  if (q?.length !== 3 || v?.length !== 3) return []
  const grouped = intOf(node, 'kv_heads', 0) !== intOf(node, 'heads', 0) || intOf(node, 'kv_num_heads', 0) !== intOf(node, 'q_num_heads', 0)
  return [[q[0] ?? null, q[1] ?? null, grouped ? null : (v[2] ?? null)]]
}

const positive = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis)

const constants = (value: Value | null | undefined): readonly number[] | null =>
  value?.constant == null ? null : [...numbersOf(value.constant)]

/** How operators carry axes, by type; those that are not here give birth to all axes of their outputs. */
export const carriers: Readonly<Record<string, Carry | undefined>> = Object.fromEntries([
  ...each(unary, first),
  ...each(broadcasting, broadcast),
  ...each(
    channelwise,
    along(() => 1),
  ),
  ...each(
    lastwise,
    along((_node, rank) => rank - 1),
  ),
  ...each('Reshape Flatten Squeeze Unsqueeze', view),
  ...each('MatMul FusedMatMul MatMulInteger', matMul),
  ...each('Gemm FusedGemm', gemm),
  ...each('Conv FusedConv ConvInteger', convolution),
  ...each(reductions, reduce),
  ...each(pools, pool),
  ['Transpose', transpose],
  ['Concat', concat],
  ['Split', split],
  ['Slice', slice],
  ['Gather', gather],
  ['Expand', expand],
  ['Tile', expand],
  ...each('LSTM GRU RNN', recurrence),
  ['Attention', attention],
  ['MultiHeadAttention', attention],
])
