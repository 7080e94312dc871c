import { sampleAxes } from '../axes/sample-axes.ts'
import { byteLength, type DType, isFloat } from '../ir/dtype.ts'
import { Model } from '../ir/model.ts'
import { tensorFrom } from '../ir/numbers.ts'
import { countOf } from '../ir/tensor.ts'
import { graphText } from '../ir/text.ts'
import type { Dim, Node, Value } from '../ir/value.ts'
import { allNodes } from '../ir/walk.ts'
import type { PassContext } from '../pass.ts'
import type { Draft } from '../rewrite/draft.ts'
import { drive, replacementsOf } from '../rewrite/drive.ts'
import { Rejection, type Rewritten, type Rule, reject } from '../rewrite/rule.ts'
import { evaluateDim, symbolsOf } from '../shapes/dim.ts'
import { inferShapes } from '../shapes/infer.ts'
import { shapeOf } from '../shapes/shape-facts.ts'
import { costly, disputed } from '../targets/lowerings.ts'

/** What a place is timed as: the nodes that a lowering replaces there, as a model of their own with fixed sizes. */
interface Place {
  /** Equal for places that time alike: the operator set and the text of the graph. */
  readonly key: string
  readonly model: Model
}

/** Places alike that a rule lowers, and how many there are. */
interface Kind extends Place {
  readonly rule: Rule
  count: number
}

/** Median milliseconds of one place with and without a lowering, and what that says of it. */
interface Figures {
  readonly lowered: number
  readonly apart: number
  readonly verdict: 'faster' | 'slower' | 'no clear difference'
}

export interface MeasuredLowerings {
  /** The rules, those that are not worth it at some places refusing there. */
  readonly rules: readonly Rule[]
  readonly notes: readonly string[]
}

/** A difference below this share is none, however quiet the machine is. */
const leastDifference = 0.05
/** Nodes that one lowering replaces at most; a region that grows beyond is no place of its own. */
const mostNodes = 40

/**
 * Times the lowerings of which it is disputed whether they pay against what the other `rules` make of the same place: each kind of place (operators,
 * attributes, element types and sizes) once, as a small model as deployed, rounds interleaved. A lowering that is slower than that refuses there, and says
 * so with its figures. What a model of its own cannot be made of keeps the fixed choice.
 * @param sizes what the symbols of the inputs are taken to be
 */
export async function measuredLowerings(
  model: Model,
  rules: readonly Rule[],
  { context, sizes }: { readonly context: PassContext; readonly sizes: ReadonlyMap<string, number> },
): Promise<MeasuredLowerings> {
  const all = [...costly, ...rules]
  const kinds = new Map([...kindsOf(model, rules, sizes), ...kindsOf(model, all, sizes)])
  const figures = new Map<string, Figures>()
  const notes: string[] = []
  let done = 0
  for (const [key, kind] of kinds) {
    context.signal.throwIfAborted()
    const found = await figuresOf(kind, costly.includes(kind.rule) ? [kind.rule, ...rules] : rules, context)
    context.progress(++done, kinds.size)
    if (found === null) continue
    figures.set(key, found)
    const places = kind.count === 1 ? 'one place' : `${kind.count} places`
    const how = isTaken(kind.rule, found) ? 'is done at' : 'is not done at'
    notes.push(`${kind.rule.id} ${how} ${places} (${bordersOf(kind.model)}): ${timesOf(found)}.`)
  }
  if (kinds.size > 0 && sizes.size > 0)
    notes.push(`Timed at ${[...sizes].map(([symbol, size]) => `${symbol} = ${size}`).join(', ')}: medians of interleaved rounds.`)
  return { rules: all.map((rule) => (disputed.has(rule) ? whereItPays(rule, figures, sizes) : rule)), notes }
}

const keyOf = (rule: Rule, place: Pick<Place, 'key'>): string => `${rule.id}\n${place.key}`
const timesOf = ({ lowered, apart, verdict }: Figures): string =>
  `${lowered.toPrecision(3)} ms against ${apart.toPrecision(3)} ms without it${verdict === 'no clear difference' ? `, ${verdict}` : ''}`

function bordersOf({ graph }: Model): string {
  const texts = graph.inputs.map(({ type }) => (type?.kind === 'tensor' ? `${type.dtype}[${type.shape}]` : '?'))
  return [...new Set(texts)].join(', ')
}

/** What takes something away has to be faster; what else is a lowering, not slower. */
const isTaken = (rule: Rule, { verdict }: Figures): boolean => verdict === 'faster' || (verdict !== 'slower' && !costly.includes(rule))

/** The rule as it is, but where it was timed not to pay. What takes something away is left where it was not timed. */
function whereItPays(rule: Rule, figures: ReadonlyMap<string, Figures>, sizes: ReadonlyMap<string, number>): Rule {
  const own = [...figures].flatMap(([key, found]) => (key.startsWith(keyOf(rule, { key: '' })) ? [found] : []))
  // What is nowhere worth it need not be tried: that would read weights.
  const never = costly.includes(rule) && !own.some((found) => isTaken(rule, found))
  return {
    ...rule,
    rewrite(found, draft) {
      if (never) return reject(own[0] ? `timed here, it is not worth it: ${timesOf(own[0])}` : 'it was not timed', draft.root)
      const result = rule.rewrite(found, draft)
      if (result instanceof Rejection) return result
      const place = placeAt(draft, result, sizes)
      const known = place === null ? undefined : figures.get(keyOf(rule, place))
      if (known === undefined) return costly.includes(rule) ? reject('it was not timed', draft.root) : result
      return isTaken(rule, known) ? result : reject(`timed here, it is not worth it: ${timesOf(known)}`, draft.root)
    },
  }
}

/** The kinds of places at which disputed rules would apply. */
function kindsOf(model: Model, rules: readonly Rule[], sizes: ReadonlyMap<string, number>): Map<string, Kind> {
  const kinds = new Map<string, Kind>()
  const noting = (rule: Rule): Rule => ({
    ...rule,
    rewrite(found, draft) {
      const result = rule.rewrite(found, draft)
      const place = result instanceof Rejection ? null : placeAt(draft, result, sizes)
      if (place === null) return result
      const kind = kinds.get(keyOf(rule, place)) ?? { ...place, rule, count: 0 }
      kind.count++
      kinds.set(keyOf(rule, place), kind)
      return result
    },
  })
  const fork = model.fork()
  drive(
    fork,
    rules.map((rule) => (disputed.has(rule) ? noting(rule) : rule)),
    { infer: inferShapes(fork).node },
  )
  return kinds
}

/** The nodes between what a draft reads and what it replaces, as a model of their own; `null` where they are no such region, or a size is not known. */
function placeAt(draft: Draft, result: Exclude<Rewritten, Rejection>, sizes: ReadonlyMap<string, number>): Place | null {
  const made = new Set(draft.nodes)
  const read = draft.nodes.flatMap(({ inputs }) => inputs.filter((input) => input !== null))
  const leaves = new Set(read.filter(({ constant, producer }) => constant === null && !(producer !== null && made.has(producer))))
  const olds = replacementsOf(result, draft.root).map(({ old }) => old)
  const region = regionOf(olds, leaves)
  if (region === null) return null
  const model = modelOf(region, olds, draft.graph.model, sizes)
  return model && { model, key: `opset ${model.opset}\n${graphText(model.graph, { names: 'canonical' })}` }
}

/** Nodes that compute `olds` from `leaves`, in order; what else comes from outside joins the leaves. */
function regionOf(olds: readonly Value[], leaves: ReadonlySet<Value>): readonly Node[] | null {
  const region = new Set<Node>()
  const visit = (node: Node): boolean => {
    if (region.has(node)) return true
    if (region.size >= mostNodes) return false
    const inner = node.inputs.flatMap((input) => (input === null || leaves.has(input) ? [] : (input.producer ?? [])))
    if (!inner.every(visit)) return false
    region.add(node)
    return true
  }
  const roots = olds.flatMap(({ producer }) => producer ?? [])
  return roots.length === olds.length && roots.every(visit) ? [...region] : null
}

function modelOf(region: readonly Node[], olds: readonly Value[], whole: Model, sizes: ReadonlyMap<string, number>): Model | null {
  const model = new Model(whole.header, whole.opsets)
  const copies = new Map<Value, Value | null>()
  const copyOf = (value: Value): Value | null => {
    const known = copies.get(value)
    if (known !== undefined) return known
    const copy = value.constant === null ? inputFor(model, value, sizes) : model.graph.addConstant('constant', value.constant)
    copies.set(value, copy)
    return copy
  }
  for (const { opType, domain, overload, attributes, inputs, outputs } of region) {
    const own = inputs.map((input) => (input === null ? null : copyOf(input)))
    if (own.some((input, i) => input === null && inputs[i] !== null)) return null
    if ([...attributes.values()].some(({ type }) => type === 'graph' || type === 'graphs')) return null
    const copy = model.graph.addNode({
      ...{ opType, domain, overload, attributes, inputs: own },
      outputs: outputs.map(({ name }) => (name === '' ? '' : model.freshName('value'))),
    })
    outputs.forEach((output, i) => {
      if (output.name !== '') copies.set(output, copy.outputs[i] as Value)
    })
  }
  inferShapes(model)
  for (const old of olds) model.graph.addOutput(copies.get(old) as Value)
  return model.markOpened()
}

function inputFor(model: Model, value: Value, sizes: ReadonlyMap<string, number>): Value | null {
  const shape = shapeOf(value)?.map((dim) => evaluateDim(dim, sizes))
  if (value.type?.kind !== 'tensor' || shape === undefined || shape.includes(null)) return null
  return model.graph.addInput(model.freshName('input'), { ...value.type, shape: shape as readonly number[] })
}

/** The times of a kind of place, remembered for this machine; `null` where both ways come to the same, or one is not there. */
async function figuresOf({ rule, key, model }: Kind, rules: readonly Rule[], context: PassContext): Promise<Figures | null> {
  const ways = [rules, rules.filter((other) => other !== rule)].map((steps) => {
    const fork = model.fork()
    drive(fork, steps, { infer: inferShapes(fork).node })
    return fork
  })
  if (ways.some(({ graph }) => [...allNodes(graph)].some(({ domain }) => domain === 'lathe'))) return null
  for (const { opsets } of ways) opsets.delete('lathe')
  const [lowered, apart] = ways.map(({ graph }) => graphText(graph, { names: 'canonical' }))
  if (lowered === apart) return null
  return context.memo(
    { lowering: lowered, against: apart, place: key },
    async () => judged(await context.time(ways, feedsFor(model))),
    'machine',
  )
}

function judged({ runs, floor }: Awaited<ReturnType<PassContext['time']>>): Figures {
  const [lowered = [], apart = []] = runs
  const ratio = middle(lowered.map((time, round) => time / (apart[round] as number)))
  const clear = 1 + Math.max(floor, leastDifference)
  const verdict = ratio > clear ? 'slower' : ratio < 1 / clear ? 'faster' : 'no clear difference'
  return { lowered: middle(lowered), apart: middle(apart), verdict }
}

const middle = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN

/** Numbers that feeds repeat, in bytes a whole number of words. */
const period = 4096

/** Floats between -1 and 1, and zeros for all else: places in a table, lengths. */
function feedsFor({ graph }: Model): Parameters<PassContext['time']>[1] {
  return Object.fromEntries(
    graph.inputs.map(({ name, type }) => {
      const { dtype, shape } = type as { dtype: DType; shape: readonly number[] }
      const data = new Uint8Array(byteLength(dtype, countOf(shape)))
      if (isFloat(dtype)) {
        const once = tensorFrom(
          dtype,
          [period],
          Array.from({ length: period }, (_, i) => Math.sin(i)),
        ).read()
        for (let at = 0; at < data.length; at += once.length) data.set(once.subarray(0, data.length - at), at)
      }
      return [name, { dtype, dims: shape, data }]
    }),
  )
}

/** One sample, and this many steps along what samples do not tell. */
const defaultSize = 128

/** Sizes for the symbols of a model's inputs: one sample of the calibration data, else one of made-up lengths. */
export function sizesFor({ graph }: Model, dataset: PassContext['dataset']): Map<string, number> {
  const sizes = new Map<string, number>()
  const { symbols } = sampleAxes(graph)
  const columns = dataset?.calibration?.inputs ?? dataset?.selection?.inputs ?? []
  for (const input of graph.inputs) {
    const column = columns.find(({ name }) => name === input.name)
    const sample = column && (column.whole === true ? column.dims : [1, ...column.dims])
    shapeOf(input)?.forEach((dim, axis) => {
      if (isSymbol(dim) && !sizes.has(dim)) sizes.set(dim, sample?.[axis] ?? (symbols.has(dim) ? 1 : defaultSize))
    })
  }
  for (const symbol of graph.inputs.flatMap((input) => (shapeOf(input) ?? []).flatMap(symbolsOf)))
    if (!sizes.has(symbol)) sizes.set(symbol, defaultSize)
  return sizes
}

/** A symbol by itself, no expression over symbols. */
const isSymbol = (dim: Dim): dim is string => typeof dim === 'string' && symbolsOf(dim)[0] === dim
