import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Stage } from '../../core/api/pipeline.ts'
import { table } from '../../core/cli/terminal/table.ts'
import { feedsOf, type Samples } from '../../core/data/samples.ts'
import type { Model } from '../../core/ir/model.ts'
import { countOf } from '../../core/ir/tensor.ts'
import { median, pairedRatio } from '../../core/measure/statistics.ts'
import { openModel } from '../../core/onnx/read.ts'
import { cpuInt8 } from '../../core/pipeline/presets/cpu-int8.ts'
import { cpuInt8Static } from '../../core/pipeline/presets/cpu-int8-static.ts'
import { llmInt4 } from '../../core/pipeline/presets/llm-int4.ts'
import { safe } from '../../core/pipeline/presets/safe.ts'
import type { Feeds } from '../../core/runtime/session.ts'
import { main as makeBigModel } from '../../scripts/make-big-model.ts'
import { passOf, taskScore, workshop } from '../support/pass-context.ts'
import { sharedFolder } from '../support/real-models.ts'
import { randomTensor, tensorData } from '../support/tensor-data.ts'

/**
 * How fast quantized files are beside float and beside what other tools would make: rounds interleaved in one process, ratios of the rounds.
 * Only a quiet machine gives figures worth keeping. `LATHE_ROUNDS` sets the rounds, `LATHE_BASE=0` leaves BERT-base out (1 GB of memory).
 */
const rounds = Number(process.env.LATHE_ROUNDS ?? 60)
const withBertBase = process.env.LATHE_BASE !== '0'
const models = join(sharedFolder, 'models')

/** Unsigned activations on the extremes of the samples, signed weights of the whole range: what saturates on x86 without VNNI. */
const plainU8S8: readonly Stage[] = [
  { id: 'tidy', pass: 'clean-up', options: {} },
  { id: 'fuse', pass: 'fuse', options: {} },
  {
    id: 'int8',
    pass: 'quantize-static',
    options: { weights: 'full', calibration: 'minmax', rounding: 'nearest', biasCorrection: false, leastDecibels: null },
  },
]

interface Contestant {
  readonly label: string
  readonly stages: readonly Stage[]
}

interface Case {
  readonly name: string
  readonly path: string
  readonly manifest: string | null
  /** The first is what the others are compared with. */
  readonly contestants: readonly Contestant[]
  readonly feeds: (samples: Samples | null) => Promise<Feeds> | Feeds
  /** What the last contestant is held to, in words. */
  readonly bar: string
}

const [convolutionBatch, textLength, pastLength] = [8, 128, 64]

const convolutional = (name: string, file: string): Case => ({
  ...{ name: `${name}/${file}, batch ${convolutionBatch}`, path: join(models, name, file), manifest: join(models, name, 'dataset.json') },
  contestants: [
    { label: 'plain U8S8', stages: plainU8S8 },
    { label: 'float', stages: [] },
    { label: cpuInt8.id, stages: cpuInt8.pipeline.stages },
    { label: cpuInt8Static.id, stages: cpuInt8Static.pipeline.stages },
  ],
  feeds: (samples) => feedsOf((samples as Samples).table, 0, convolutionBatch),
  bar: 'at least 0.95',
})

const whole = (dims: readonly number[], element: (at: number) => number) =>
  tensorData(
    'int64',
    dims,
    Array.from({ length: countOf(dims) }, (_, at) => element(at)),
  )

const bertBase = (path: string): Case => ({
  ...{ name: `bert-base, length ${textLength}`, path, manifest: null },
  contestants: [
    { label: 'float', stages: [] },
    { label: safe.id, stages: safe.pipeline.stages },
    { label: cpuInt8.id, stages: cpuInt8.pipeline.stages },
  ],
  feeds: () => ({
    input_ids: whole([1, textLength], (at) => (at * 7919) % 30000),
    attention_mask: whole([1, textLength], () => 1),
    token_type_ids: whole([1, textLength], () => 0),
  }),
  bar: 'at least 1.8 at one thread',
})

/** The next token behind a filled cache of 4 layers with 2 heads of 32. */
const decoding: Case = {
  name: `text_llama/model.past.onnx, one token behind ${pastLength}`,
  path: join(models, 'text_llama', 'model.past.onnx'),
  manifest: join(models, 'text_llama', 'dataset.json'),
  contestants: [
    { label: 'float', stages: [] },
    { label: safe.id, stages: safe.pipeline.stages },
    { label: llmInt4.id, stages: llmInt4.pipeline.stages },
  ],
  feeds: () => ({
    input_ids: whole([1, 1], () => 17),
    attention_mask: whole([1, pastLength + 1], () => 1),
    ...Object.fromEntries(
      [0, 1, 2, 3].flatMap((layer) =>
        ['key', 'value'].map((of) => {
          const name = `past_key_values.${layer}.${of}`
          return [name, randomTensor([1, 2, pastLength, 32], name)]
        }),
      ),
    ),
  }),
  bar: 'more than 1',
}

describe.skipIf(!existsSync(models))('speed of quantized files', async () => {
  const shop = await workshop()
  const rows: string[][] = []
  const folder = mkdtempSync(join(tmpdir(), 'lathe-speed-'))
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
    const columns = ['threads', 'ms', 'times as fast as the first', '95 %', 'MB', 'accuracy', 'held to']
    const aligned = columns.map((title) => ({ title, align: 'right' as const }))
    process.stdout.write(`\n${table([{ title: 'model' }, { title: 'version' }, ...aligned], rows)}\n`)
  })

  async function measure({ name, path, manifest, contestants, feeds, bar }: Case): Promise<void> {
    const opened = openModel(path)
    const data = manifest === null ? undefined : await shop.data(manifest, opened)
    const versions: Model[] = []
    for (const { stages } of contestants) {
      let version = opened
      for (const { pass, options } of stages) version = (await shop.run(passOf(pass), version, options, data)).parts[0] as Model
      versions.push(version)
    }
    const files = await Promise.all(versions.map((version) => shop.file(version)))
    const fed = await feeds(data?.evaluation ?? null)
    const accuracies = await Promise.all(versions.map((version) => accuracyOf(version, data?.evaluation ?? null)))
    for (const threads of [1, 2]) {
      // Each twice: where its memory happens to lie makes a session faster or slower for as long as it lives.
      const sessions = [...files, ...files].map((model) => ({ model, level: 'all' as const, provider: 'cpu', threads }))
      const { runs } = await shop.runtime.time({ sessions, feeds: [fed], rounds, warmup: 5, seed: 1 })
      const both = files.map((_, index) => [...(runs[index] as number[]), ...(runs[index + files.length] as number[])])
      expect(both.every((times) => times.length === 2 * rounds && times.every((time) => time > 0))).toBe(true)
      contestants.forEach(({ label }, index) => {
        const { ratio, low, high } = pairedRatio(both[index] as number[], both[0] as number[], 1)
        const times = index === 0 ? ['', ''] : [ratio.toFixed(2), `${low.toFixed(2)} to ${high.toFixed(2)}`]
        const held = index === contestants.length - 1 ? bar : ''
        rows.push([name, label, String(threads), median(both[index] as number[]).toFixed(3), ...times])
        rows.at(-1)?.push((bytes(versions[index] as Model) / 1e6).toFixed(2), accuracies[index] ?? '', held)
      })
    }
  }

  const bytes = (model: Model): number =>
    [...model.graph.values].reduce((sum, { constant }) => sum + (constant === null ? 0 : constant.ref.length), 0)

  async function accuracyOf(model: Model, samples: Samples | null): Promise<string> {
    if (samples === null || samples.labels === null) return ''
    return taskScore(await shop.outputs(model, samples, { output: 'logits' }), samples).accuracy.toFixed(4)
  }

  it.each(['digits_cnn', 'digits_repvgg'].flatMap((name) => ['model.onnx', 'model.dynamo.onnx'].map((file) => [name, file] as const)))(
    '%s/%s',
    (name, file) => measure(convolutional(name, file)),
  )

  it.skipIf(!withBertBase)('BERT-base', async () => {
    const path = join(folder, 'bert-base.onnx')
    await makeBigModel(['bert-base', path])
    await measure(bertBase(path))
  })

  it('decoding with a cache', () => measure(decoding))
})
