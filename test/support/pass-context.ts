import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll } from 'vitest'
import { type Problem, ProblemError } from '../../core/api/problem.ts'
import { openData, type SampleData } from '../../core/data/open.ts'
import { feedsOf, type Samples } from '../../core/data/samples.ts'
import type { Model } from '../../core/ir/model.ts'
import { countOf } from '../../core/ir/tensor.ts'
import { allNodes } from '../../core/ir/walk.ts'
import { openModel } from '../../core/onnx/read.ts'
import { writeSkeleton } from '../../core/onnx/skeleton.ts'
import type { Pass, PassContext, PassResult } from '../../core/pass.ts'
import { catalogue } from '../../core/passes/catalogue.ts'
import { timedTwice } from '../../core/pipeline/context.ts'
import type { Level, Runtime } from '../../core/runtime/session.ts'
import { openStore } from '../../core/store/disk-store.ts'
import type { Store } from '../../core/store/store.ts'
import { testRuntime } from './spawn-runtime.ts'

export interface Workshop {
  readonly runtime: Runtime
  readonly store: Store
  /** Writes a model where the runtime can open it. */
  file(model: Model): Promise<string>
  /** Opens a dataset manifest for a model. */
  data(manifest: string, model: Model): Promise<SampleData>
  context(data?: SampleData): PassContext
  /** Runs a pass with options as a pipeline file would give them. */
  run<Options>(pass: Pass<Options>, model: Model, options?: unknown, data?: SampleData): Promise<PassResult>
  /** Operators of the graph that the runtime executes at level `all`, with their counts: `com.microsoft.FusedConv`. */
  kernels(model: Model): Promise<Readonly<Record<string, number>>>
  /** One output over all samples, flattened. */
  outputs(model: Model, samples: Samples, options?: { output?: string; level?: Level }): Promise<Float32Array>
}

/** A pass of the catalogue, whatever its options. */
export function passOf(id: string): Pass {
  const pass = catalogue.find((each) => each.id === id)
  if (pass === undefined) throw new Error(`There is no pass '${id}'`)
  return pass
}

/** What passes need around them in a test: real runtime processes, a store and files that end with the tests of the file. */
export async function workshop(): Promise<Workshop> {
  const runtime = await testRuntime()
  const folder = await mkdtemp(join(tmpdir(), 'lathe-test-'))
  afterAll(() => rm(folder, { recursive: true, force: true }))
  const store = await openStore(join(folder, 'store'))
  let files = 0
  const file = async (model: Model) => (await writeSkeleton(model, join(folder, `model-${++files}`))).path
  const context = (data?: SampleData) => contextOf({ runtime, store, file }, data ?? null)
  return {
    runtime,
    store,
    file,
    context,
    data: (manifest, model) => openData({ manifest, graph: model.graph, store, halve: false }),
    run: (pass, model, options = {}, data = undefined) => pass.run(model.fork(), pass.options.parse(options), context(data)),
    async kernels(model) {
      const path = await file(model)
      const out = join(dirname(path), 'executed.onnx')
      await runtime.optimize({ session: session(path, 'all'), out })
      return operatorsOf(openModel(out))
    },
    outputs: async (model, samples, options = {}) => allOutputs(runtime, await file(model), { samples, ...options }),
  }
}

function operatorsOf(model: Model): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { domain, opType } of allNodes(model.graph)) {
    const operator = domain === '' ? opType : `${domain}.${opType}`
    counts[operator] = (counts[operator] ?? 0) + 1
  }
  return counts
}

const session = (model: string, level: Level) => ({ model, level, provider: 'cpu', threads: 1 })

/** Results are remembered within one context, as they are for one version in the engine. */
let contexts = 0

const unlabelled: Problem = {
  kind: 'input',
  code: 'not-evaluated',
  what: 'These samples have no labels',
  where: {},
  mend: 'Give some.',
}

function contextOf({ runtime, store, file }: Pick<Workshop, 'runtime' | 'store' | 'file'>, data: SampleData | null): PassContext {
  const scope = ++contexts
  return {
    execute: async (model, feeds, wanted) => runtime.execute({ session: session(await file(model), 'disabled'), feeds, wanted }),
    async observe(model, samples, calls) {
      const outputs = new Set(model.graph.outputs.map(({ name }) => name))
      const expose = [...new Set(calls.flatMap(({ values }) => values.map(({ name }) => name)))].filter((name) => !outputs.has(name))
      return runtime.observe({ sessions: [{ ...session(await file(model), 'disabled'), expose }], samples, batch: 16, calls })
    },
    async evaluate(model) {
      const samples = data?.evaluation
      if (!samples) throw new Error('this test gave its context no samples to judge by')
      if (samples.labels === null) throw new ProblemError(unlabelled)
      const { accuracy } = taskScore(await allOutputs(runtime, await file(model), { samples }), samples)
      return { metric: 'accuracy', value: accuracy, higherIsBetter: true, samples: samples.table.count, losses: null }
    },
    async time(models, feeds) {
      const sessions = await Promise.all(models.map(async (model) => session(await file(model), 'all')))
      return timedTwice(await runtime.time({ sessions: [...sessions, ...sessions], feeds: [feeds], rounds: 31, warmup: 3, seed: 1 }))
    },
    dataset: data && { calibration: data.calibration?.table ?? null, selection: data.evaluation?.table ?? null },
    target: 'ort',
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      memoryBytes: totalmem(),
      platform: process.platform,
      arch: process.arch,
      features: [],
      int8DotProduct: false,
      runtime: { name: 'onnxruntime', version: '', providers: ['cpu'] },
      node: process.version,
      load: 0,
    },
    memo: async (key, make, about) => (await store.memo(about === 'machine' ? key : { ...key, scope }, make)).value,
    progress: () => undefined,
    signal: new AbortController().signal,
  }
}

const batch = 50

async function allOutputs(
  runtime: Runtime,
  model: string,
  { samples, output, level = 'all' }: { samples: Samples; output?: string; level?: Level },
) {
  const parts: Float32Array[] = []
  for (let from = 0; from < samples.table.count; from += batch) {
    const feeds = await feedsOf(samples.table, from, Math.min(batch, samples.table.count - from))
    const outputs = await runtime.execute({ session: session(model, level), feeds, wanted: output === undefined ? [] : [output] })
    const { data } = Object.values(outputs)[0] as (typeof outputs)[string]
    parts.push(new Float32Array(data.slice().buffer))
  }
  const all = new Float32Array(parts.reduce((total, part) => total + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

export interface TaskScore {
  /** Share of positions whose largest logit is the label. */
  readonly accuracy: number
  /** Mean negative log likelihood of the labels; its exponential is the perplexity. */
  readonly crossEntropy: number
}

/** Scores logits [..., classes] against the samples' labels; negative labels do not count. */
export function taskScore(logits: Float32Array, { table, labels }: Samples): TaskScore {
  if (labels === null) throw new Error('these samples have no labels')
  const positions = table.count * countOf(labels.dims)
  const classes = logits.length / positions
  let right = 0
  let loss = 0
  let counted = 0
  for (let i = 0; i < positions; i++) {
    const label = labels.values[i] as number
    if (label < 0) continue
    const row = logits.subarray(i * classes, (i + 1) * classes)
    const largest = row.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY)
    if (row.indexOf(largest) === label) right++
    loss += largest + Math.log(row.reduce((sum, value) => sum + Math.exp(value - largest), 0)) - (row[label] as number)
    counted++
  }
  return { accuracy: right / counted, crossEntropy: loss / counted }
}

/** Signal to noise in decibels: the power of the reference over the power of the difference. */
export function sqnr(reference: Float32Array, other: Float32Array): number {
  let signal = 0
  let noise = 0
  for (let i = 0; i < reference.length; i++) {
    signal += (reference[i] as number) ** 2
    noise += ((reference[i] as number) - (other[i] as number)) ** 2
  }
  return 10 * Math.log10(signal / noise)
}
