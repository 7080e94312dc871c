import { numbersOf } from '../../ir/numbers.ts'
import { Arithmetic } from '../arithmetic.ts'
import { input, number, optional, text } from '../attributes.ts'
import type { Conversion, Lowering, LoweringContext } from '../conversion.ts'
import type { Builtin } from '../operators.ts'
import { Unconvertible } from '../unconvertible.ts'

/** More steps than this make a file that is all copies of one cell. */
const mostSteps = 512

/** One direction of a recurrent layer: constant weights [gates * hidden, inputs], both biases, and where its state begins. */
interface Direction {
  readonly to: Conversion
  readonly a: Arithmetic
  readonly hidden: number
  /** Some rows of the weights of the state, [rows, hidden]: one constant, however many steps read it. */
  readonly matrix: (begin: number, end: number) => number
  readonly bias: (from: number) => Float64Array
  readonly activations: readonly Builtin[]
  readonly linearBeforeReset: boolean
  /** Of the gates i, o and f. */
  readonly peepholes: Float64Array | null
}

interface State {
  readonly h: number
  readonly c: number | null
}

/** One step: `x` is the input's share of all gates [batch, gates * hidden], without biases. */
type Cell = (direction: Direction, x: number, state: State) => State

const activationNames: Readonly<Record<string, Builtin>> = { Sigmoid: 'LOGISTIC', Tanh: 'TANH', Relu: 'RELU' }

const dense = (direction: Direction, x: number, { rows, bias }: { rows: readonly [number, number]; bias: Float64Array }): number => {
  const { to, a, matrix } = direction
  const [begin, end] = rows
  const dims = [a.dims(x)[0] as number, end - begin]
  const inputs = [x, matrix(begin, end), to.floats([...bias], [end - begin])]
  return to.emit('FULLY_CONNECTED', { inputs, dims, dtype: 'float32' })
}

const gate = ({ a, hidden }: Direction, x: number, at: number): number =>
  a.slice(x, { axis: 1, begin: at * hidden, end: (at + 1) * hidden })

/** A gate that also sees the state of the cell, each element its own. */
function peeping({ to, a, hidden, peepholes }: Direction, gate: number, { at, seen }: { at: number; seen: number }): number {
  if (peepholes === null) return gate
  return a.binary('ADD', gate, a.binary('MUL', seen, to.floats([...peepholes.subarray(at * hidden, (at + 1) * hidden)], [hidden])))
}

/** Gates i, o, f, c as ONNX orders them. */
const lstmCell: Cell = (direction, x, { h, c }) => {
  const { a, hidden, activations } = direction
  const [f, g, out] = activations as [Builtin, Builtin, Builtin]
  const sums = a.binary('ADD', x, dense(direction, h, { rows: [0, 4 * hidden], bias: joint(direction, 0, 4) }))
  const part = (at: number, operator: Builtin, seen: number) =>
    a.unary(operator, peeping(direction, gate(direction, sums, at), { at, seen }))
  const before = c as number
  const kept = a.binary('MUL', part(2, f, before), before)
  const cell = a.binary('ADD', kept, a.binary('MUL', part(0, f, before), a.unary(g, gate(direction, sums, 3))))
  return { h: a.binary('MUL', part(1, f, cell), a.unary(out, cell)), c: cell }
}

/** Gates z, r, h. With `linear_before_reset` the reset scales the product of the state, else the state before it. */
const gruCell: Cell = (direction, x, { h }) => {
  const { a, hidden, activations, linearBeforeReset } = direction
  const [f, g] = activations as [Builtin, Builtin]
  const both = a.slice(x, { axis: 1, begin: 0, end: 2 * hidden })
  const gates = a.unary(f, a.binary('ADD', both, dense(direction, h, { rows: [0, 2 * hidden], bias: joint(direction, 0, 2) })))
  const [z, r] = [gate(direction, gates, 0), gate(direction, gates, 1)]
  const [own, fromState] = [direction.bias(0).subarray(2 * hidden), direction.bias(1).subarray(2 * hidden)]
  const rows = [2 * hidden, 3 * hidden] as const
  const inner = linearBeforeReset
    ? a.binary('MUL', r, dense(direction, h, { rows, bias: fromState }))
    : dense(direction, a.binary('MUL', r, h), { rows, bias: fromState })
  const drive = a.binary('ADD', gate(direction, x, 2), direction.to.floats([...own], [hidden]))
  const candidate = a.unary(g, a.binary('ADD', drive, inner))
  return { h: a.binary('ADD', a.binary('MUL', z, a.binary('SUB', h, candidate)), candidate), c: null }
}

const rnnCell: Cell = (direction, x, { h }) => {
  const { a, hidden, activations } = direction
  const sum = a.binary('ADD', x, dense(direction, h, { rows: [0, hidden], bias: joint(direction, 0, 1) }))
  return { h: a.unary(activations[0] as Builtin, sum), c: null }
}

/** The biases of input and state of some gates, added up. */
function joint({ bias, hidden }: Direction, from: number, until: number): Float64Array {
  const [own, state] = [bias(0), bias(1)]
  return own.slice(from * hidden, until * hidden).map((value, i) => value + (state[from * hidden + i] as number))
}

interface Kind {
  readonly gates: number
  readonly cell: Cell
  readonly activations: readonly string[]
}

/** A recurrent layer, step by step: the number of steps must be known. */
const recurrent =
  (kind: Kind): Lowering =>
  (context) => {
    const { node, to } = context
    refuse(context, kind)
    const a = new Arithmetic(to)
    const batchFirst = number(node, 'layout', 0) === 1
    const source = to.plain(input(node, 0))
    const x = batchFirst ? a.transpose(source, [1, 0, 2]) : source
    const directions = text(node, 'direction', 'forward') === 'bidirectional' ? 2 : 1
    const runs = Array.from({ length: directions }, (_, at) => run(context, kind, { a, x, at, directions }))
    const steps = a.concat(
      runs.map(({ outputs }) => outputs),
      1,
    )
    const last = a.concat(
      runs.map(({ state }) => line(a, state.h)),
      0,
    )
    const cells = runs.map(({ state }) => state.c)
    const final = cells.some((c) => c === null)
      ? null
      : a.concat(
          cells.map((c) => line(a, c as number)),
          0,
        )
    const put = (at: number, tensor: number | null, turned: readonly number[]): void => {
      const result = node.outputs[at]
      if (result !== undefined && result.name !== '' && tensor !== null) to.put(result, batchFirst ? a.transpose(tensor, turned) : tensor)
    }
    put(0, steps, [2, 0, 1, 3])
    put(1, last, [1, 0, 2])
    put(2, final, [1, 0, 2])
  }

const line = (a: Arithmetic, x: number): number => a.reshape(x, [1, ...a.dims(x)])

function refuse({ node, to }: LoweringContext, kind: Kind): void {
  const steps = to.dims(input(node, 0))[number(node, 'layout', 0) === 1 ? 1 : 0] as number
  if (steps < 0 || steps > mostSteps)
    throw new Unconvertible(
      steps < 0 ? 'the number of steps is known only at run time' : `${steps} steps would be written out one by one`,
      `Fix the sequence to at most ${mostSteps} steps with freeze-shapes.`,
    )
  const lengths = optional(node, 4)
  if (lengths !== null && (lengths.constant === null || [...numbersOf(lengths.constant)].some((length) => length !== steps)))
    throw new Unconvertible('sequences of different lengths', 'Leave the sequence lengths out, and run one sequence at a time.')
  if (number(node, 'clip', 0) !== 0 || number(node, 'input_forget', 0) !== 0)
    throw new Unconvertible('clipped or coupled gates', 'Export the layer without `clip` and `input_forget`.')
  const strange = (activationsOf(node) ?? kind.activations).find((name) => activationNames[name] === undefined)
  if (strange !== undefined) throw new Unconvertible(`the activation ${strange} in a recurrent layer`, 'Use Sigmoid, Tanh or Relu.')
}

function activationsOf(node: LoweringContext['node']): readonly string[] | null {
  const attribute = node.attributes.get('activations')
  return attribute?.type === 'strings' ? attribute.value.map((name) => name as string) : null
}

interface Place {
  readonly a: Arithmetic
  /** [steps, batch, inputs]. */
  readonly x: number
  readonly at: number
  readonly directions: number
}

/** One direction over all steps; outputs as [steps, 1, batch, hidden]. */
function run(
  context: LoweringContext,
  { gates, cell, activations }: Kind,
  { a, x, at, directions }: Place,
): { outputs: number; state: State } {
  const { node, to } = context
  const [steps = 1, batch = 1, inputs = 1] = a.dims(x)
  const hidden = number(node, 'hidden_size', 0) || (to.dims(input(node, 2))[2] as number)
  const rows = gates * hidden
  const direction = directionOf(context, { a, hidden, rows, at, names: activationsOf(node) ?? repeatNames(activations, directions) })
  const weights = sliceOf(constantOf(input(node, 1).constant), at, rows * inputs)
  const shareAt = shares(context, a, { x, weights: to.floats([...weights], [rows, inputs]), dims: [steps, batch, rows] })
  let state: State = { h: startOf(context, a, { at, slot: 5, batch, hidden }), c: startOf(context, a, { at, slot: 6, batch, hidden }) }
  const backwards = at === 1 || text(node, 'direction', 'forward') === 'reverse'
  const outputs = new Array<number>(steps)
  for (let i = 0; i < steps; i++) {
    const step = backwards ? steps - 1 - i : i
    state = cell(direction, shareAt(step), state)
    outputs[step] = a.reshape(state.h, [1, 1, batch, hidden])
  }
  return { outputs: a.concat(outputs, 0), state }
}

interface Shares {
  /** [steps, batch, inputs]. */
  readonly x: number
  readonly weights: number
  /** [steps, batch, gates * hidden]. */
  readonly dims: readonly [number, number, number]
}

/** The input's share of all gates at each step: one product for all steps, then its rows. An open batch has no rows to count: its steps are an axis. */
function shares({ to }: LoweringContext, a: Arithmetic, { x, weights, dims }: Shares): (step: number) => number {
  const [steps, batch, rows] = dims
  const product = (source: number, shape: readonly number[]): number =>
    to.emit('FULLY_CONNECTED', { inputs: [source, weights, -1], dims: shape, dtype: 'float32', options: { keepNumDims: shape.length > 2 } })
  if (batch < 0) {
    const whole = product(x, dims)
    return (step) => a.reshape(a.slice(whole, { axis: 0, begin: step, end: step + 1 }), [batch, rows])
  }
  const flat = product(a.reshape(x, [steps * batch, a.dims(x)[2] as number]), [steps * batch, rows])
  return (step) => a.slice(flat, { axis: 0, begin: step * batch, end: (step + 1) * batch })
}

const repeatNames = (names: readonly string[], times: number): readonly string[] => Array.from({ length: times }, () => names).flat()

interface DirectionSpec {
  readonly a: Arithmetic
  readonly hidden: number
  readonly rows: number
  readonly at: number
  readonly names: readonly string[]
}

function directionOf({ node, to }: LoweringContext, { a, hidden, rows, at, names }: DirectionSpec): Direction {
  const biases = optional(node, 3)
  const all = biases === null ? new Float64Array(2 * rows) : sliceOf(constantOf(biases.constant), at, 2 * rows)
  const each = names.length / (text(node, 'direction', 'forward') === 'bidirectional' ? 2 : 1)
  return {
    ...{ to, a, hidden },
    matrix: matrices(to, sliceOf(constantOf(input(node, 2).constant), at, rows * hidden), hidden),
    bias: (from) => all.subarray(from * rows, (from + 1) * rows),
    activations: names.slice(at * each, (at + 1) * each).map((name) => activationNames[name] as Builtin),
    peepholes: optional(node, 7) === null ? null : sliceOf(constantOf(input(node, 7).constant), at, 3 * hidden),
    linearBeforeReset: number(node, 'linear_before_reset', 0) !== 0,
  }
}

function matrices(to: Conversion, weights: Float64Array, hidden: number): Direction['matrix'] {
  const made = new Map<string, number>()
  return (begin, end) => {
    const key = `${begin} ${end}`
    const found = made.get(key) ?? to.floats([...weights.subarray(begin * hidden, end * hidden)], [end - begin, hidden])
    made.set(key, found)
    return found
  }
}

const sliceOf = (tensor: Parameters<typeof numbersOf>[0], at: number, count: number): Float64Array =>
  numbersOf(tensor).slice(at * count, (at + 1) * count)

function constantOf<T>(constant: T | null): T {
  if (constant === null) throw new Unconvertible('weights that are computed', 'Run clean-up first; weights must be constants.')
  return constant
}

/** The state before the first step: given, or zeros. */
function startOf({ node, to }: LoweringContext, a: Arithmetic, spec: { at: number; slot: number; batch: number; hidden: number }): number {
  const { at, slot, batch, hidden } = spec
  const given = slot === 6 && node.opType !== 'LSTM' ? null : optional(node, slot)
  // Zeros of one sample broadcast over an open batch.
  const samples = Math.max(1, batch)
  if (given === null) return to.floats(new Array<number>(samples * hidden).fill(0), [samples, hidden])
  const plain = to.plain(given)
  const first = number(node, 'layout', 0) === 1 ? a.transpose(plain, [1, 0, 2]) : plain
  return a.reshape(a.slice(first, { axis: 0, begin: at, end: at + 1 }), [batch, hidden])
}

export const recurrence: Readonly<Record<string, Lowering>> = {
  LSTM: recurrent({ gates: 4, cell: lstmCell, activations: ['Sigmoid', 'Tanh', 'Tanh'] }),
  GRU: recurrent({ gates: 3, cell: gruCell, activations: ['Sigmoid', 'Tanh'] }),
  RNN: recurrent({ gates: 1, cell: rnnCell, activations: ['Tanh'] }),
}
