import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { generatedData } from '../../../core/data/open.ts'
import { feedsOf } from '../../../core/data/samples.ts'
import { executedGraph } from '../../../core/measure/executed.ts'
import { tieKernels } from '../../../core/measure/ties.ts'
import type { Deviation } from '../../../core/observe/sqnr.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { writeSkeleton } from '../../../core/onnx/skeleton.ts'
import type { KernelTime } from '../../../core/runtime/session.ts'
import { dataFolder } from '../../support/data-folder.ts'
import { modelOf } from '../../support/graph.ts'
import { testRuntime } from '../../support/spawn-runtime.ts'

const shared = '../shared'
const models = [
  { path: 'samples/digits-cnn/model.onnx', kind: 'convolutions as they were written' },
  { path: 'samples/text-bert/model.onnx', kind: 'a transformer' },
  { path: `${shared}/models/digits_cnn/model.onnx`, kind: 'convolutions in blocked layout' },
  { path: `${shared}/models/text_llama/model.past.onnx`, kind: 'a decoder with caches' },
  { path: `${shared}/real-models/mobilenetv2_int8_qdq/model.onnx`, kind: 'INT8 with channels last' },
  { path: `${shared}/real-models/model_2/model.onnx`, kind: 'transposes pushed through' },
  { path: `${shared}/real-models/resnet_fp32/model.onnx`, kind: 'external weights' },
]

const { store } = await dataFolder()
const runtime = await testRuntime()

type Prepared = ReturnType<typeof prepareAnew>
const prepared = new Map<string, Prepared>()

function prepare(path: string): Prepared {
  const known = prepared.get(path) ?? prepareAnew(path)
  prepared.set(path, known)
  return known
}

async function prepareAnew(path: string) {
  const { path: folder } = await store.scratch('executed')
  const model = openModel(path).freeze()
  const executed = await executedGraph(model, { runtime, folder, provider: 'cpu', threads: 1 })
  const { table } = (await generatedData({ graph: model.graph, store, count: 1 })).evaluation!
  return { model, executed, table, feeds: await feedsOf(table, 0, 1) }
}

const operators = (kernels: readonly KernelTime[]) => kernels.map(({ opType }) => opType).sort()

describe.each(models)('the executed graph of $kind ($path)', ({ path }) => {
  const present = existsSync(path)

  it.skipIf(!present)('gives the outputs of the deployed session to the bit, also while it is watched', async () => {
    const { executed, table, feeds } = await prepare(path)
    const expose = executed.kernels.graph.nodes.flatMap(({ outputs }) =>
      outputs.flatMap(({ name, isOutput }) => (name === '' || isOutput ? [] : [name])),
    )
    const watched = { ...executed.session, expose }
    const outputs = executed.version.graph.outputs.map(({ name }) => name)
    const calls = outputs.flatMap((name) =>
      [1, 2].map((session) => ({
        key: `${name} ${session}`,
        reducer: 'sqnr',
        values: [
          { session: 0, name },
          { session, name },
        ],
      })),
    )
    const request = { sessions: [executed.deployed, executed.session, watched], samples: table, batch: 1, calls }
    const found = (await runtime.observe(request)) as Record<string, Deviation>
    for (const [key, { maxAbs, nonFinite }] of Object.entries(found))
      expect({ maxAbs, nonFinite }, key).toEqual({ maxAbs: 0, nonFinite: 0 })
    const plain = await runtime.profile({ session: executed.session, feeds, runs: 1, warmup: 0 })
    const seen = await runtime.profile({ session: watched, feeds, runs: 1, warmup: 0 })
    expect(operators(seen.kernels)).toEqual(operators(plain.kernels))
  })

  it.skipIf(!present)('is tied to the nodes of the model for at least 98 % of the time of its kernels', async () => {
    const { executed, feeds } = await prepare(path)
    const { ties } = tieKernels(executed)
    const { kernels } = await runtime.profile({ session: executed.session, feeds, runs: 2, warmup: 1 })
    const known = new Map(ties.map((tie) => [tie.kernel.name, tie]))
    const timeOf = (some: readonly KernelTime[]) => some.reduce((sum, { runs }) => sum + runs.reduce((total, run) => total + run, 0), 0)
    const tied = kernels.filter(({ node }) => (known.get(node)?.nodes.length ?? 0) > 0)
    expect(timeOf(tied) / timeOf(kernels)).toBeGreaterThanOrEqual(0.98)
  })
})

describe.each(models.filter(({ path }) => !path.includes('int8')))('values of $path', ({ path }) => {
  it.skipIf(!existsSync(path))('are where the ties say that they are', async () => {
    const { executed, table } = await prepare(path)
    const { carriers } = tieKernels(executed)
    const pairs = [...carriers].filter(
      ([value, { layout }]) => value.producer !== null && (layout.kind === 'plain' || layout.kind === 'permute'),
    )
    const shown = (graph: { outputs: readonly { name: string }[] }, names: string[]) =>
      names.filter((name) => !graph.outputs.some((output) => output.name === name))
    const written = {
      ...executed.deployed,
      level: 'disabled' as const,
      expose: shown(
        executed.version.graph,
        pairs.map(([value]) => value.name),
      ),
    }
    const run = { ...executed.session, expose: shown(executed.kernels.graph, [...new Set(pairs.map(([, carrier]) => carrier.value.name))]) }
    const calls = pairs.map(([value, carrier], index) => ({
      key: String(index),
      reducer: 'sqnr',
      values: [
        { session: 0, name: value.name },
        { session: 1, name: carrier.value.name },
      ],
      options: { maps: carrier.layout.kind === 'permute' ? [carrier.layout] : [] },
    }))
    const found = (await runtime.observe({ sessions: [written, run], samples: table, batch: 1, calls })) as Record<string, Deviation>
    const wrong = pairs.filter((_, index) => {
      const { sqnrDb, maxAbs } = found[index] as Deviation
      return sqnrDb !== null && sqnrDb < 50 && maxAbs > 1e-5
    })
    expect(wrong.map(([value, carrier]) => `${value.name} is not ${carrier.value.name}`)).toEqual([])
    expect(pairs.length).toBeGreaterThan(0)
  })
})

it('runs no kernel twice for the readers of one dequantized value', async () => {
  const text = `opset 17
(x: float32[1, 64]) -> (y: float32[1, 64])
q = QuantizeLinear(x, float32 0.02, uint8 128)
d = DequantizeLinear(q, float32 0.02, uint8 128)
y = HardSwish(d)`
  // The runtime takes HardSwish apart, into two readers of its input.
  const { path: folder } = await store.scratch('shared')
  const { executed, feeds } = await prepare((await writeSkeleton(modelOf(text), folder)).path)
  const { kernels } = await runtime.profile({ session: executed.session, feeds, runs: 2, warmup: 0 })
  expect(kernels.map(({ node }) => node).sort()).toEqual(executed.kernels.graph.nodes.map(({ name }) => name).sort())
})

it('follows the weights of a fused kernel without a name to their owner', async () => {
  const { executed } = await prepare('samples/text-bert/model.onnx')
  const { ties } = tieKernels(executed)
  expect(ties.every(({ nodes }) => nodes.length > 0)).toBe(true)
  const nodes = new Set(ties.flatMap((tie) => tie.nodes.map(({ id }) => id)))
  const silent = executed.version.graph.nodes.filter(({ id }) => !nodes.has(id))
  // All that is left over computes with shapes, which the runtime folded.
  expect(silent.filter(({ opType }) => ['MatMul', 'Gemm', 'LayerNormalization', 'Softmax', 'Add', 'Erf'].includes(opType))).toEqual([])
})
