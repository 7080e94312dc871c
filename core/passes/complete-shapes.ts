import { problemOf, sentenceOf } from '../api/problem.ts'
import { isFloat } from '../ir/dtype.ts'
import { Model } from '../ir/model.ts'
import { tensorFrom } from '../ir/numbers.ts'
import { countOf } from '../ir/tensor.ts'
import type { Dim, Node, Value } from '../ir/value.ts'
import { subgraphsOf } from '../ir/walk.ts'
import type { PassContext } from '../pass.ts'
import { addDims, evaluateDim, multiplyDims, symbolsOf } from '../shapes/dim.ts'
import { inferShapes, type Shapes } from '../shapes/infer.ts'
import { shapeOf } from '../shapes/shape-facts.ts'

type Outputs = Awaited<ReturnType<PassContext['execute']>>
type Sizes = ReadonlyMap<string, number>

/** Operators whose results are as large as the data say: a run with other data would tell another size. */
const dataDependent =
  /^(NonZero|Compress|Unique|NonMaxSuppression|StringSplit|TfIdfVectorizer|Loop|Scan|If|Optional\w*|Sequence\w*|SplitToSequence)$/

/**
 * Sizes that symbols take in turn, a row for each run: co-prime within a run and over all runs, and far apart, so that neither a product nor a limit nor what a
 * division leaves passes for something else. An expression is read off the first three runs, and has to hold in the fourth.
 */
const lengths: readonly (readonly number[])[] = [
  [5, 7, 11, 13, 17, 19],
  [211, 223, 227, 229, 233, 239],
  [97, 101, 103, 107, 109, 113],
  [53, 59, 61, 67, 71, 73],
]
/** The same for the number of samples, which multiplies all work. */
const counts: readonly number[] = [2, 9, 3, 4]

export interface Completed {
  /** Values whose shape is known now, by having been run. */
  readonly count: number
  readonly notes: readonly string[]
}

/**
 * Completes shapes where inference ends: what leads there is run with three co-prime sizes of each symbol of the inputs (and a fourth that has to agree), each with
 * two contents, and the sizes that come out are read as expressions over the symbols (a constant, a symbol times a whole number plus one, a sum or
 * a product of two symbols). Sizes that hang on data stay unknown, and so does everything where the model does not run at such sizes.
 */
export async function completeShapes(model: Model, context: PassContext): Promise<Completed> {
  let count = 0
  for (let round = 0; ; round++) {
    const shapes = inferShapes(model)
    const open = frontier(model)
    if (open.length === 0 || round === 3) return { count, notes: told(count) }
    try {
      const found = await shapesByRunning(model, { open, shapes, context })
      if (found === 0) return { count, notes: told(count) }
      count += found
    } catch (error) {
      const problem = problemOf(error)
      if (problem.kind === 'internal' || problem.kind === 'cancelled') throw error
      return { count, notes: [`Shapes behind '${open[0]?.name}' stay unknown: ${sentenceOf(problem)}`] }
    }
  }
}

const told = (count: number): readonly string[] =>
  count === 0 ? [] : [count === 1 ? 'The shape of one value was found by running.' : `The shapes of ${count} values were found by running.`]

const isOpen = (value: Value): boolean => value.type === null || (value.type.kind === 'tensor' && (shapeOf(value)?.includes(null) ?? true))

/** Values at which inference ends: open ones of nodes that read none, and whose size no data decide. */
function frontier({ graph }: Model): readonly Value[] {
  const byData = new Set<Value>()
  const found: Value[] = []
  for (const node of graph.nodes) {
    const open = node.outputs.filter((output) => output.name !== '' && isOpen(output))
    if (open.length === 0) continue
    const inputs = node.inputs.filter((input) => input !== null)
    if (dataDependent.test(node.opType) || subgraphsOf(node).length > 0 || inputs.some((input) => byData.has(input)))
      for (const output of open) byData.add(output)
    else if (!inputs.some((input) => input.constant === null && (isOpen(input) || isStepped(input))) && isRunnable(node))
      found.push(...open)
  }
  return found
}

/** Sizes that go in steps, or to a limit: too few runs would take a step for all of them. */
const isStepped = (value: Value): boolean => shapeOf(value)?.some((dim) => typeof dim === 'string' && /floor|min/.test(dim)) ?? false

/** Inputs of texts, sequences and maps are not made up. */
const isFeedable = ({ type }: Value): boolean => type?.kind === 'tensor' && type.dtype !== 'string'

/** Bytes of weights that are loaded for the sake of a shape, at most: beyond, loading takes longer than knowing it saves. */
const mostWeights = 1 << 28
const weightsOf = ({ graph }: Model): number => graph.initializers.reduce((sum, { constant }) => sum + (constant?.ref.length ?? 0), 0)

const isRunnable = ({ domain }: Node): boolean => domain === '' || domain === 'com.microsoft' || domain === 'ai.onnx.ml'

async function shapesByRunning(
  model: Model,
  { open, shapes, context }: { readonly open: readonly Value[]; readonly shapes: Shapes; readonly context: PassContext },
): Promise<number> {
  const part = partFor(model, open)
  if (part.graph.outputs.length === 0 || weightsOf(part) > mostWeights) return 0
  const inputs = part.graph.inputs.map(({ name }) => model.graph.find(name) as Value)
  const dims = inputs.map((input) => shapes.shape(input))
  if (dims.includes(null) || !inputs.every(isFeedable)) return 0
  const settings = settingsFor(dims)
  if (settings === null) return 0
  const results: Outputs[] = []
  for (const sizes of settings) {
    const [first, second] = await Promise.all([0, 1].map((content) => context.execute(part, feedsFor(inputs, dims, sizes, content), [])))
    results.push(agreeing(first as Outputs, second as Outputs))
  }
  return open.filter((value) => settle(value, results, settings)).length
}

/** The sizes of all symbols in each run; `null` where there are too many. */
function settingsFor(dims: readonly (readonly Dim[] | null)[]): readonly Sizes[] | null {
  const symbols = [...new Set(dims.flatMap((shape) => (shape ?? []).flatMap(symbolsOf)))]
  const first = symbols.find((symbol) => dims.every((shape) => shape?.indexOf(symbol) === 0 || !shape?.flatMap(symbolsOf).includes(symbol)))
  const others = symbols.filter((symbol) => symbol !== first)
  if (others.length > (lengths[0] ?? []).length) return null
  if (symbols.length === 0) return [new Map()]
  return lengths.map((row, run) => {
    const sizes = new Map(others.map((symbol, i) => [symbol, row[i] as number]))
    return first === undefined ? sizes : sizes.set(first, counts[run] as number)
  })
}

/** What leads to some values as a model of its own; without those that lie behind a subgraph. */
function partFor(model: Model, open: readonly Value[]): Model {
  const needed = new Set<Node>()
  const reach = (node: Node): boolean => {
    if (needed.has(node)) return true
    if (subgraphsOf(node).length > 0 || !node.inputs.every((input) => input?.producer == null || reach(input.producer))) return false
    needed.add(node)
    return true
  }
  const reached = open.filter(({ producer }) => producer !== null && reach(producer))
  const part = new Model(model.header, model.opsets)
  const copies = new Map<Value, Value>()
  const copyOf = (value: Value): Value => {
    const { name, initializer, type } = value
    const copy =
      copies.get(value) ?? (initializer === null ? part.graph.addInput(name, type) : part.graph.addInitializer(name, initializer))
    copies.set(value, copy)
    return copy
  }
  for (const node of needed) {
    const { opType, domain, overload, attributes } = node
    const inputs = node.inputs.map((input) => (input === null ? null : copyOf(input)))
    const copy = part.graph.addNode({ opType, domain, overload, attributes, inputs, outputs: node.outputs.map(({ name }) => name) })
    node.outputs.forEach((output, i) => {
      copies.set(output, copy.outputs[i] as Value)
    })
  }
  for (const value of reached) part.graph.addOutput(copyOf(value))
  return part.markOpened()
}

/** Floats around 0 and small whole numbers: places in any table, or sizes that a model takes as data and that differ with the content. */
function feedsFor(
  inputs: readonly Value[],
  dims: readonly (readonly Dim[] | null)[],
  sizes: Sizes,
  content: number,
): Parameters<PassContext['execute']>[1] {
  const feeds = inputs.flatMap((input, i) => {
    if (input.initializer !== null || input.type?.kind !== 'tensor') return []
    const { dtype } = input.type
    const shape = (dims[i] ?? []).map((dim) => evaluateDim(dim, sizes) ?? 1)
    const values = Array.from({ length: countOf(shape) }, (_, at) => (isFloat(dtype) ? Math.sin(at + content) : content))
    return [[input.name, { dtype, dims: shape, data: tensorFrom(dtype, shape, values).read() }] as const]
  })
  return Object.fromEntries(feeds)
}

/** Those outputs whose shape is the same with either content. */
const agreeing = (first: Outputs, second: Outputs): Outputs =>
  Object.fromEntries(Object.entries(first).filter(([name, { dims }]) => second[name]?.dims.join() === dims.join()))

/** Gives a value the shape that its results have in all runs; whether more is known of it then. */
function settle(value: Value, results: readonly Outputs[], settings: readonly Sizes[]): boolean {
  const tensors = results.map((outputs) => outputs[value.name])
  const [first] = tensors
  if (first === undefined || tensors.some((tensor) => tensor?.dims.length !== first.dims.length)) return false
  const known = shapeOf(value)
  const shape = first.dims.map(
    (_, axis) =>
      known?.[axis] ??
      expressionOf(
        tensors.map((tensor) => tensor?.dims[axis] as number),
        settings,
      ),
  )
  if (known !== null && shape.every((dim, axis) => dim === known[axis])) return false
  value.graph.setType(value, { kind: 'tensor', dtype: first.dtype, shape })
  return true
}

/** The size that is `sizes` in the runs, as an expression over their symbols; `null` when none of a simple form fits all. */
export function expressionOf(sizes: readonly number[], settings: readonly Sizes[]): Dim {
  const symbols = [...(settings[0]?.keys() ?? [])]
  const fits = (dim: Dim) => settings.every((setting, run) => evaluateDim(dim, setting) === sizes[run])
  const at = (symbol: string) => settings.map((setting) => setting.get(symbol) as number)
  const candidates = function* (): Generator<Dim> {
    yield sizes[0] as number
    for (const symbol of symbols) yield line(symbol, at(symbol), sizes)
    for (const [i, a] of symbols.entries()) {
      for (const b of symbols.slice(i)) {
        const product = multiplyDims(a, b)
        yield line(
          product,
          settings.map((setting) => evaluateDim(product, setting) as number),
          sizes,
        )
      }
      for (const b of symbols.slice(i + 1)) yield plane([a, b], [at(a), at(b)], sizes)
    }
  }
  if (sizes.includes(0)) return null
  for (const dim of candidates()) if (dim !== null && fits(dim)) return dim
  return null
}

/** `x * a + b` through the first two points, with whole numbers. */
function line(x: Dim, xs: readonly number[], ys: readonly number[]): Dim {
  const [x0 = 0, x1 = 0] = xs
  const [y0 = 0, y1 = 0] = ys
  const factor = (y1 - y0) / (x1 - x0)
  return Number.isInteger(factor) && factor !== 0 ? addDims(multiplyDims(x, factor), y0 - factor * x0) : null
}

/** `x * a + y * b + c` through the first three points, with whole numbers (Cramer's rule). */
function plane([x, y]: readonly [string, string], [xs, ys]: readonly [readonly number[], readonly number[]], zs: readonly number[]): Dim {
  const d = (values: readonly number[], i: number) => (values[i] as number) - (values[0] as number)
  const whole = d(xs, 1) * d(ys, 2) - d(xs, 2) * d(ys, 1)
  const a = (d(zs, 1) * d(ys, 2) - d(zs, 2) * d(ys, 1)) / whole
  const b = (d(xs, 1) * d(zs, 2) - d(xs, 2) * d(zs, 1)) / whole
  if (!Number.isInteger(a) || !Number.isInteger(b)) return null
  const rest = (zs[0] as number) - a * (xs[0] as number) - b * (ys[0] as number)
  return addDims(addDims(multiplyDims(x, a), multiplyDims(y, b)), rest)
}
