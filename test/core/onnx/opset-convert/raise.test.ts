import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ProblemError } from '../../../../core/api/problem.ts'
import type { Model } from '../../../../core/ir/model.ts'
import { verifyModel } from '../../../../core/ir/verify.ts'
import { allNodes } from '../../../../core/ir/walk.ts'
import { raiseOpset } from '../../../../core/onnx/opset-convert/raise.ts'
import { openModel } from '../../../../core/onnx/read.ts'
import type { Feeds, Outputs } from '../../../../core/runtime/session.ts'
import { modelOf } from '../../../support/graph.ts'
import { difference as differenceOf, feedsFor, runModel } from '../../../support/run-model.ts'

const target = 21

/** What the runtime makes of a model; `null` when it does not run it. */
const run = (model: Model, feeds: Feeds): Promise<Outputs | null> => runModel(model, feeds).catch(() => null)

/** Why outputs differ; `null` when they do not. */
function apart(actual: Outputs | null, expected: Outputs, fidelity: 'exact' | 'rounding'): string | null {
  if (actual === null) return 'the runtime refuses it'
  for (const [name, tensor] of Object.entries(expected)) {
    const difference = differenceOf(actual[name], tensor, fidelity)
    if (difference !== null) return `${name}: ${difference}`
  }
  return null
}

function raised(model: Model, to = target): Model {
  const fork = model.fork()
  raiseOpset(fork, to)
  expect(verifyModel(fork)).toEqual([])
  expect(fork.opset).toBe(to)
  return fork
}

/** Raises a graph and expects the very bits that it gave before. */
async function check(text: string, to = target): Promise<Model> {
  const model = modelOf(text)
  const feeds = feedsFor(model)
  const before = await run(model, feeds)
  if (before === null) throw new Error('the runtime does not run the graph as it was')
  const after = raised(model, to)
  expect(apart(await run(after, feeds), before, 'exact')).toBeNull()
  return after
}

const ops = (model: Model) => [...allNodes(model.graph)].map(({ opType }) => opType)
const x = 'x: float32[2, 3, 4, 4]'

describe('a call whose meaning changed computes the same bits afterwards', () => {
  const cases: readonly (readonly [name: string, text: string])[] = [
    ['Squeeze', 'opset 11\n(x: float32[1, 3, 1]) -> (y: float32[3, 1])\ny = Squeeze(x) {axes: [0]}'],
    ['Squeeze of all', 'opset 11\n(x: float32[1, 3, 1]) -> (y: float32[3])\ny = Squeeze(x)'],
    ['ImageScaler', `opset 8\n(${x}) -> (y: float32[2, 3, 4, 4])\ny = ImageScaler(x) {scale: 0.5, bias: [1.5, -2.25, 0.125]}`],
    ['Affine', `opset 8\n(${x}) -> (y: float32[2, 3, 4, 4])\ny = Affine(x) {alpha: 0.25, beta: 3.0}`],
    ['Unsqueeze', 'opset 11\n(x: float32[3]) -> (y: float32[1, 3, 1])\ny = Unsqueeze(x) {axes: [0, -1]}'],
    ['ReduceSum', `opset 11\n(${x}) -> (y: float32[2, 1, 4, 4])\ny = ReduceSum(x) {axes: [1]}`],
    ['ReduceMean of all', `opset 13\n(${x}) -> (y: float32[1, 1, 1, 1])\ny = ReduceMean(x)`],
    ['ReduceMax', `opset 12\n(${x}) -> (y: float32[2, 3])\ny = ReduceMax(x) {axes: [2, 3], keepdims: 0}`],
    ['ReduceL2', `opset 11\n(${x}) -> (y: float32[2, 3, 4, 1])\ny = ReduceL2(x) {axes: [-1]}`],
    ['Split by sizes', `opset 11\n(${x}) -> (a: float32[2, 1, 4, 4], b: float32[2, 2, 4, 4])\na, b = Split(x) {axis: 1, split: [1, 2]}`],
    ['Split in equal parts', `opset 11\n(${x}) -> (a: float32[2, 3, 4, 2], b: float32[2, 3, 4, 2])\na, b = Split(x) {axis: 3}`],
    ['Slice', `opset 9\n(${x}) -> (y: float32[2, 3, 2, 4])\ny = Slice(x) {starts: [1], ends: [-1], axes: [2]}`],
    ['Slice of the first axes', `opset 9\n(${x}) -> (y: float32[1, 2, 4, 4])\ny = Slice(x) {starts: [0, 1], ends: [1, 3]}`],
    ['TopK', 'opset 9\n(x: float32[2, 8]) -> (v: float32[2, 3], i: int64[2, 3])\nv, i = TopK(x) {k: 3}'],
    ['Clip', `opset 10\n(${x}) -> (y: float32[2, 3, 4, 4])\ny = Clip(x) {min: -0.5, max: 0.25}`],
    ['Clip above', `opset 10\n(${x}) -> (y: float32[2, 3, 4, 4])\ny = Clip(x) {max: 0.25}`],
    [
      'Clip of a value whose type is not written',
      `opset 10\n(${x}) -> (y: float32[2, 3, 4, 4])\nh = Neg(x)\ny = Clip(h) {min: -0.5, max: 0.25}`,
    ],
    ['Pad', `opset 10\n(${x}) -> (y: float32[2, 3, 6, 5])\ny = Pad(x) {pads: [0, 0, 1, 0, 0, 0, 1, 1], value: 2.5}`],
    ['Pad by reflection', `opset 10\n(${x}) -> (y: float32[2, 3, 6, 4])\ny = Pad(x) {pads: [0, 0, 1, 0, 0, 0, 1, 0], mode: "reflect"}`],
    ['Dropout', `opset 10\n(${x}) -> (y: float32[2, 3, 4, 4])\nh = Dropout(x) {ratio: 0.3}\ny = Neg(h)`],
    ['Softmax over all axes from one on', `opset 11\n(${x}) -> (y: float32[2, 3, 4, 4])\ny = Softmax(x) {axis: 2}`],
    ['Softmax without an axis', 'opset 11\n(x: float32[2, 3, 4]) -> (y: float32[2, 3, 4])\ny = Softmax(x)'],
    ['LogSoftmax over the last axis', `opset 11\n(${x}) -> (y: float32[2, 3, 4, 4])\ny = LogSoftmax(x) {axis: 3}`],
    ['Hardmax', `opset 11\n(${x}) -> (y: float32[2, 3, 4, 4])\ny = Hardmax(x) {axis: 1}`],
    ['Softmax inside of the graph', `opset 9\n(${x}) -> (y: float32[2, 3, 4, 4])\nh = Neg(x)\ns = Softmax(h) {axis: 1}\ny = Neg(s)`],
    ['Upsample', `opset 7\n(${x}) -> (y: float32[2, 3, 8, 12])\ny = Upsample(x) {scales: [1.0, 1.0, 2.0, 3.0], mode: "nearest"}`],
    ['Upsample, linear', `opset 9\n(${x}) -> (y: float32[2, 3, 8, 8])\ny = Upsample(x, float32[4] {1.0, 1.0, 2.0, 2.0}) {mode: "linear"}`],
    [
      'Resize that enlarges',
      `opset 10\n(${x}) -> (y: float32[2, 3, 10, 10])\ny = Resize(x, float32[4] {1.0, 1.0, 2.5, 2.5}) {mode: "nearest"}`,
    ],
    [
      'Resize that shrinks',
      `opset 10\n(x: float32[1, 1, 7, 7]) -> (y: float32[1, 1, 4, 4])\ny = Resize(x, float32[4] {1.0, 1.0, 0.6, 0.6}) {mode: "nearest"}`,
    ],
    ['Scatter', 'opset 10\n(x: float32[3, 3], u: float32[1, 3]) -> (y: float32[3, 3])\ny = Scatter(x, int64[1, 3] {0, 2, 1}, u)'],
    [
      'BatchNormalization',
      `opset 8\n(${x}) -> (y: float32[2, 3, 4, 4])\ns = float32[3]\nb = float32[3]\nm = float32[3]\nv = float32[3] positive\ny = BatchNormalization(x, s, b, m, v) {spatial: 1}`,
    ],
    [
      'GroupNormalization',
      'opset 18\n(x: float32[2, 4, 3]) -> (y: float32[2, 4, 3])\ns = float32[2]\nb = float32[2]\ny = GroupNormalization(x, s, b) {num_groups: 2}',
    ],
    [
      'GridSample',
      'opset 16\n(x: float32[1, 1, 4, 4], g: float32[1, 3, 3, 2]) -> (y: float32[1, 1, 3, 3])\ny = GridSample(x, g) {mode: "bicubic"}',
    ],
    [
      'RoiAlign',
      'opset 10\n(x: float32[1, 1, 4, 4], r: float32[1, 4]) -> (y: float32[1, 1, 2, 2])\ny = RoiAlign(x, r, int64[1] zeros) {output_height: 2, output_width: 2, sampling_ratio: 2}',
    ],
    [
      'a call in a subgraph',
      'opset 11\n(c: bool[], x: float32[1, 3]) -> (y: float32[3])\ny = If(c) {then_branch: { () -> (a)\na = Squeeze(x) {axes: [0]} }, else_branch: { () -> (b)\nn = Neg(x)\nb = Squeeze(n) {axes: [0]} }}',
    ],
  ]

  it.each(cases)('%s', async (_, text) => {
    await check(text)
  })

  it('keeps names of outputs, identities of nodes, and says who changed what', async () => {
    const after = await check(`opset 10\n(${x}) -> (y: float32[2, 3, 4, 4])\nh = Clip(x) {max: 1.0}\ny = Softmax(h) {axis: 1}`)
    expect(ops(after)).toEqual(['Clip', 'Shape', 'Flatten', 'Softmax', 'Reshape'])
    expect(after.graph.outputs[0]!.name).toBe('y')
    expect(new Set(after.lineage.changes.map(({ rule }) => rule))).toEqual(new Set(['raise-opset']))
    expect(after.header.irVersion).toBeGreaterThanOrEqual(10)
  })

  it('stops at the version that was asked for', async () => {
    const text = `opset 9\n(${x}) -> (y: float32[2, 3, 8, 8])\ny = Upsample(x, float32[4] {1.0, 1.0, 2.0, 2.0}) {mode: "nearest"}`
    expect(ops(await check(text, 10))).toEqual(['Resize'])
    expect(raised(modelOf(text), 10).graph.nodes[0]!.attributes.has('coordinate_transformation_mode')).toBe(false)
  })
})

describe('what cannot be raised is refused by name', () => {
  it.each([
    [
      'a Resize that nobody can foresee',
      'opset 10\n(x: float32[1, 1, 4, 4], s: float32[4]) -> (y: float32[?, ?, ?, ?])\ny = Resize(x, s)',
      'Resize',
    ],
    [
      'a Resize that enlarges and shrinks',
      'opset 10\n(x: float32[1, 1, 4, 4]) -> (y: float32[?, ?, ?, ?])\ny = Resize(x, float32[4] {1.0, 1.0, 2.0, 0.5})',
      'Resize',
    ],
    [
      'a BatchNormalization of places',
      'opset 8\n(x: float32[2, 3]) -> (y: float32[2, 3])\nw = float32[3]\ny = BatchNormalization(x, w, w, w, w) {spatial: 0}',
      'BatchNormalization',
    ],
    ['an operator nobody knows', 'opset 11\n(x: float32[2]) -> (y: float32[2])\ny = Frobnicate(x)', 'Frobnicate'],
  ])('%s', (_, text, name) => {
    try {
      raiseOpset(modelOf(text.replaceAll('?', 'n')).fork(), target)
      expect.unreachable('it was raised')
    } catch (error) {
      expect((error as ProblemError).problem).toMatchObject({
        kind: 'unsupported',
        code: 'opset-not-raised',
        what: expect.stringContaining(name),
      })
    }
  })

  it('versions beyond what is known, and from before 7', () => {
    expect(() => raiseOpset(modelOf('opset 11\n(x: float32[2]) -> (y: float32[2])\ny = Neg(x)').fork(), 99)).toThrow(ProblemError)
    expect(() => raiseOpset(modelOf('opset 6\n(x: float32[2]) -> (y: float32[2])\ny = Neg(x)').fork(), 21)).toThrow(ProblemError)
  })

  it('but a model that is there already stays as it is', () => {
    const model = modelOf('opset 21\n(x: float32[2]) -> (y: float32[2])\ny = Frobnicate(x)').fork()
    raiseOpset(model, 17)
    expect([model.opset, model.untouched]).toEqual([21, true])
  })
})

const shared = '../shared'

/** Raises a model that the runtime runs; newer kernels may sum in another order. Models that draw random numbers say nothing. */
async function checkWhole(path: string): Promise<boolean> {
  const model = openModel(path)
  if (model.opset >= target || model.opset < 7) return false
  const feeds = feedsFor(model)
  const before = await run(model.fork(), feeds)
  if (before === null || apart(await run(model.fork(), feeds), before, 'exact') !== null) return false
  const after = raisedOrRefused(model)
  // An operator of the runtime's own among those of the standard: nobody says what it is in newer versions.
  if (after === null) expect(path).toContain('squeezenet')
  else expect(apart(await run(after, feeds), before, 'rounding'), path).toBeNull()
  return after !== null
}

function raisedOrRefused(model: Model): Model | null {
  try {
    return raised(model)
  } catch (error) {
    if (error instanceof ProblemError && error.problem.code === 'opset-not-raised') return null
    throw error
  }
}

async function checkFolder(folder: string): Promise<number> {
  const paths = (readdirSync(folder, { recursive: true }) as string[]).filter((name) => name.endsWith('.onnx')).sort()
  let same = 0
  for (const path of paths) same += (await checkWhole(join(folder, path))) ? 1 : 0
  return same
}

describe('whole models', { timeout: 240_000 }, () => {
  it('digits-cnn of the samples', async () => expect(await checkWhole('samples/digits-cnn/model.onnx')).toBe(true))

  it.skipIf(!existsSync(`${shared}/models`))('trained models', async () => expect(await checkFolder(`${shared}/models`)).toBeGreaterThan(5))

  it.skipIf(!existsSync(`${shared}/real-models`))('models from the wild', async () =>
    expect(await checkFolder(`${shared}/real-models`)).toBeGreaterThan(8),
  )
})
