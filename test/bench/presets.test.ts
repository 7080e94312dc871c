import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { chain, testEngine } from '../support/engine.ts'
import { hasRecorded, type RecordedRow, type RecordedSpeed, recordedRows, recordedSpeeds } from '../support/recorded-rows.ts'

const models = '../shared/models'
const files = existsSync(models)
  ? readdirSync(models)
      .filter((name) => existsSync(join(models, name, 'dataset.json')))
      .flatMap((name) =>
        readdirSync(join(models, name))
          .filter((file) => file.endsWith('.onnx'))
          .map((file) => [name, file] as const),
      )
  : []
const rounds = Number(process.env.LATHE_ROUNDS ?? 60)
/** `LATHE_PRESET=safe` times what clean-up and fusion alone bring, `LATHE_PRESET=clean-up+fuse` those passes by their defaults. */
const preset = process.env.LATHE_PRESET ?? 'cpu-int8'

const pipeline = preset.includes('+') ? chain(...preset.split('+').map((pass) => [pass, pass] as const)) : preset

/** What a preset (for INT8 on CPUs unless another is named) makes of every shared model, beside the best that was recorded with the Python tools. Speed-ups are ours over the opened file, and theirs over float32, each on its own machine. */
describe.skipIf(files.length === 0 || !hasRecorded)(`the preset ${preset}`, async () => {
  const engine = await testEngine()
  const rows: Record<string, string | number>[] = []
  afterAll(() => console.table(rows))

  it.each(files)(
    '%s/%s',
    async (name, file) => {
      const model = join(models, name, file)
      const out = join(engine.folder, name, file)
      const report = await engine.run({ model, pipeline, data: join(models, name, 'dataset.json'), out, rounds })
      const { accuracy, sizeBytes, nodes } = report.candidates[0]!
      if ('unavailable' in accuracy) throw new Error(accuracy.unavailable)
      const speeds = recordedSpeeds(name)
      const batch = speeds[0]?.batch ?? 1
      const candidate = join(out, 'model.onnx')
      const { ratios } = await engine.bench({ models: [model, candidate], batch: [batch], threads: [2, 1], runs: rounds })
      const [two, one] = [2, 1].map((threads) => ratios.find((ratio) => ratio.threads === threads)!)
      rows.push({
        model: `${name}/${file}`,
        metric: accuracy.metric,
        float: rounded(accuracy.baseline),
        candidate: rounded(accuracy.candidate),
        verdict: accuracy.verdict,
        change: changeOf(accuracy.metric, accuracy.baseline, accuracy.candidate),
        'best peer': bestChange(accuracy.metric, recordedRows(name)),
        nodes: nodes.candidate,
        bytes: sizeBytes.candidate,
        smaller: `${(100 * (1 - sizeBytes.candidate / sizeBytes.baseline)).toFixed(0)} %`,
        batch,
        'x, 2 threads': (1 / two!.ratio).toFixed(2),
        'peer, 2': Math.max(...int8(speeds).map(({ twoThreads }) => twoThreads)),
        'x, 1 thread': (1 / one!.ratio).toFixed(2),
        'peer, 1': Math.max(...int8(speeds).map(({ oneThread }) => oneThread)),
      })
      expect(accuracy.verdict).not.toBe('worse')
    },
    600_000,
  )
})

const isInt8 = ({ label }: { readonly label: string }): boolean => /^(dynamic|static)/.test(label)

const int8 = (speeds: readonly RecordedSpeed[]): RecordedSpeed[] => speeds.filter(isInt8)

const rounded = (value: number): number => Number(value.toPrecision(4))

/** Points for accuracy, per cent for perplexity; a plus is better. */
function changeOf(metric: string, before: number, after: number): string {
  const change = metric === 'perplexity' ? -100 * (after / before - 1) : 100 * (after - before)
  return `${change >= 0 ? '+' : ''}${change.toFixed(2)}`
}

/** The recorded file that lost least, on all evaluation samples. */
function bestChange(metric: string, rows: readonly RecordedRow[]): string {
  const value = ({ accuracy, crossEntropy }: RecordedRow) => (metric === 'perplexity' ? -Math.exp(crossEntropy) : accuracy)
  const float = rows.find(({ label }) => label === 'float32')
  const best = rows.filter(isInt8).sort((a, b) => value(b) - value(a))[0]
  if (float === undefined || best === undefined) return ''
  return `${changeOf(metric, Math.abs(value(float)), Math.abs(value(best)))} ${best.label}`
}
