import { describe, expect, it } from 'vitest'
import { lineageDocument } from '../../core/diff/lineage-document.ts'
import type { Model } from '../../core/ir/model.ts'
import { referencesOf } from '../../core/ir/reference.ts'
import { verifyModel } from '../../core/ir/verify.ts'
import { cleanUp } from '../../core/passes/clean-up.ts'
import { fuse } from '../../core/passes/fuse.ts'
import { modelOf } from '../support/graph.ts'
import { workshop } from '../support/pass-context.ts'
import { difference, feedsFor, runModel } from '../support/run-model.ts'
import { hashOf, seeded } from '../support/seeds.ts'

/** Random graphs of what rules look for, in any order, shared and given out anywhere: clean-up and fuse keep what they compute, and account for every node. */
const graphs = 120
const opsets = [7, 9, 11, 12, 13, 15, 17, 18, 20, 21, 23]

interface Made {
  readonly name: string
  readonly dims: readonly number[]
}

/** Writes lines of a graph; each operator takes what fits it of the values so far. */
class Writer {
  readonly lines: string[] = []
  readonly values: Made[]
  readonly opset: number
  readonly random: () => number
  #count = 0

  constructor(inputs: readonly Made[], opset: number, random: () => number) {
    this.values = [...inputs]
    this.opset = opset
    this.random = random
  }

  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.random() * from.length)] as T
  }

  /** A value, rather a late one, of given dims where they are given. */
  value(dims?: readonly number[]): Made {
    const fitting = dims === undefined ? this.values : this.values.filter((value) => value.dims.join() === dims.join())
    return this.pick(this.random() < 0.7 ? fitting.slice(-4) : fitting)
  }

  add(dims: readonly number[], call: string): Made {
    const made = { name: `v${this.#count++}`, dims }
    this.lines.push(`${made.name} = ${call}`)
    this.values.push(made)
    return made
  }

  same(x: Made, call: string): Made {
    return this.add(x.dims, call)
  }

  /** Axes as an attribute or, from `since` on, as an input. */
  axes(
    operator: string,
    x: Made,
    axis: number,
    { since, dims, more = '' }: { since: number; dims: readonly number[]; more?: string },
  ): Made {
    return this.opset >= since
      ? this.add(dims, `${operator}(${x.name}, int64[1] {${axis}}) {${more}}`.replace(' {}', ''))
      : this.add(dims, `${operator}(${x.name}) {axes: [${axis}]${more === '' ? '' : `, ${more}`}}`)
  }
}

const count = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1)
const ints = (values: readonly number[]): string => `int64[${values.length}] {${values.join(', ')}}`
const scalars = ['float32 0.0', 'float32 1.0', 'float32 0.5', 'float32 2.0']

/** One step each: what exporters write, and what rewriting leaves behind. */
const steps: readonly ((w: Writer, x: Made) => unknown)[] = [
  (w, x) => w.same(x, `${w.pick(['Identity', 'Neg', 'Relu', 'Tanh', 'Sigmoid'])}(${x.name})`),
  (w, x) => w.same(x, `${w.pick(['Add', 'Mul', 'Sub'])}(${x.name}, ${w.pick([w.value(x.dims).name, ...scalars])})`),
  (w, x) => w.same(x, `Div(${x.name}, float32 ${w.pick(['1.0', '2.0', '0.25'])})`),
  (w, x) => w.same(x, `Pow(${x.name}, float32 2.0)`),
  (w, x) => w.same(x, `Cast(${x.name}) {to: 1}`),
  (w, x) => x.dims.at(-1) === 4 && w.same(x, `${w.pick(['Add', 'Mul'])}(${x.name}, w1)`),
  (w, x) => x.dims.at(-1) === 4 && x.dims.length > 1 && w.same(x, `MatMul(${x.name}, w0)`),
  (w, x) => {
    const perm = [...x.dims.keys()].sort(() => w.random() - 0.5)
    if (perm.length > 0)
      w.add(
        perm.map((axis) => x.dims[axis] as number),
        `Transpose(${x.name}) {perm: [${perm}]}`,
      )
  },
  (w, x) => {
    const dims = w.pick([[count(x.dims)], x.dims, [...x.dims, 1], [1, ...x.dims]])
    w.add(dims, `Reshape(${x.name}, ${ints(dims)})`)
  },
  (w, x) => {
    const at = x.dims.indexOf(1)
    if (at >= 0) w.axes('Squeeze', x, at, { since: 13, dims: x.dims.filter((_, axis) => axis !== at) })
  },
  (w, x) => w.axes('Unsqueeze', x, 0, { since: 13, dims: [1, ...x.dims] }),
  (w, x) => {
    const axis = Math.floor(w.random() * x.dims.length)
    if (count(x.dims) < 1000)
      w.add(
        x.dims.map((dim, i) => (i === axis ? 2 * dim : dim)),
        `Concat(${x.name}, ${w.value(x.dims).name}) {axis: ${axis}}`,
      )
  },
  (w, x) => {
    const to = w.pick([x.dims[0] as number, 1])
    if (w.opset >= 10) w.add([to, ...x.dims.slice(1)], `Slice(${x.name}, ${ints([0])}, ${ints([to])}, ${ints([0])})`)
  },
  (w, x) => w.add(x.dims.slice(1), `Gather(${x.name}, int64 0) {axis: 0}`),
  (w, x) => {
    const shape = w.add([x.dims.length], `Shape(${x.name})`)
    w.values.pop()
    w.same(x, w.opset < 8 || w.random() < 0.5 ? `Reshape(${x.name}, ${shape.name})` : `Expand(${w.value(x.dims).name}, ${shape.name})`)
  },
  (w, x) => {
    const inner = w.same(x, `Div(${x.name}, float32 1.4142135)`)
    const erf = w.same(inner, `${w.opset >= 9 ? 'Erf' : 'Tanh'}(${inner.name})`)
    const one = w.same(erf, `Add(${erf.name}, float32 1.0)`)
    w.same(one, `Mul(${w.same(one, `Mul(${x.name}, ${one.name})`).name}, float32 0.5)`)
  },
  (w, x) => {
    const last = x.dims.length - 1
    if ((x.dims[last] ?? 1) === 1) return
    const kept = { since: 18, dims: [...x.dims.slice(0, -1), 1], more: 'keepdims: 1' }
    const centered = w.same(x, `Sub(${x.name}, ${w.axes('ReduceMean', x, last, kept).name})`)
    const variance = w.axes('ReduceMean', w.same(x, `Mul(${centered.name}, ${centered.name})`), last, kept)
    const deviation = w.same(variance, `Sqrt(${w.same(variance, `Add(${variance.name}, float32 0.1)`).name})`)
    w.same(x, `Div(${centered.name}, ${deviation.name})`)
  },
  (w, x) => x.dims.join() === '2,4,6,6' && w.same(x, `Conv(${x.name}, w2) {pads: [1, 1, 1, 1]}`),
  (w, x) => x.dims.length === 4 && x.dims[1] === 4 && w.same(x, `BatchNormalization(${x.name}, w3, w1, w1, w3)`),
  (w, x) => {
    const perm = [...x.dims.keys()].reverse()
    const call = `If(chosen) {then_branch: { () -> (NAME_a)\nNAME_b = Add(${x.name}, ${w.value(x.dims).name})\nNAME_a = Mul(NAME_b, float32 1.0)\n}, else_branch: { () -> (NAME_c)\nNAME_d = Transpose(${x.name}) {perm: [${perm}]}\nNAME_c = Transpose(NAME_d) {perm: [${perm}]}\n}}`
    if (perm.length > 0) w.same(x, call.replaceAll('NAME', `i${w.lines.length}`))
  },
]

const inputs: readonly Made[] = [
  { name: 'x', dims: [2, 3, 4] },
  { name: 'z', dims: [2, 3, 4] },
  { name: 'image', dims: [2, 4, 6, 6] },
]
const weights = 'w0 = float32[4, 4]\nw1 = float32[4]\nw2 = float32[4, 4, 3, 3]\nw3 = float32[4] positive'

function graphOf(seed: number): string {
  const random = seeded(hashOf(`rewriting ${seed}`))
  const writer = new Writer(inputs, opsets[seed % opsets.length] as number, random)
  const length = 4 + Math.floor(random() * 20)
  for (let step = 0; step < length; step++) writer.pick(steps)(writer, writer.value())
  const made = writer.values.slice(inputs.length)
  const outputs = new Set([writer.pick(made).name, writer.pick(made).name, made.at(-1)?.name, ...(seed % 7 === 0 ? ['w1'] : [])])
  const first = seed % 2 === 0 ? 'n' : '2'
  const border = inputs.map(({ name, dims }) => `${name}: float32[${[first, ...dims.slice(1)].join(', ')}]`)
  return `opset ${writer.opset}, com.microsoft 1\n(${border.join(', ')}, chosen: bool[]) -> (${[...outputs].join(', ')})\n${weights}\n${writer.lines.join('\n')}`
}

const { run, context } = await workshop()

/** Every node of both graphs in the lineage, with a reason where it did not stay. */
function checkLineage(source: Model, cleaned: Model, fused: Model): void {
  const steps = [
    { stage: 'clean-up', model: cleaned },
    { stage: 'fuse', model: fused },
  ]
  const document = lineageDocument({ lathe: 'test', baseline: source, hashes: { baseline: 'a', candidate: 'b' }, steps })
  const [before, after] = [source, fused].map((model) => [...referencesOf(model).values()].sort())
  expect(document.nodes.map(({ ref }) => ref).sort()).toEqual(after)
  expect([...new Set([...document.nodes.flatMap(({ from }) => from), ...document.removed.map(({ ref }) => ref)])].sort()).toEqual(before)
  for (const { by, ref } of document.removed) expect(by.length, ref).toBeGreaterThan(0)
}

describe('clean-up and fuse of random graphs', () => {
  it.each(Array.from({ length: graphs }, (_, seed) => seed))('keep the outputs and account for every node: %i', async (seed) => {
    const text = graphOf(seed)
    const source = modelOf(text).freeze()
    const feeds = feedsFor(source, { sizes: new Map([['n', 2]]) })
    const expected = await runModel(source, feeds)
    const cleaned = (await run(cleanUp, source)).parts[0]!.freeze()
    for (const target of ['ort', 'onnx'] as const) {
      const fused = (await fuse.run(cleaned.fork(), fuse.options.parse({}), { ...context(), target })).parts[0]!.freeze()
      expect(verifyModel(fused), text).toEqual([])
      const actual = await runModel(fused, feeds)
      for (const [name, tensor] of Object.entries(expected))
        expect(difference(actual[name], tensor, 'rounding'), `${name} of ${target}\n${text}`).toBeNull()
      checkLineage(source, cleaned, fused)
    }
  })
})
