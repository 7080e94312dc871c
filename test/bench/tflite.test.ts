import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { table } from '../../core/cli/terminal/table.ts'
import { main as makeBigModel } from '../../scripts/make-big-model.ts'
import { testEngine } from '../support/engine.ts'
import { sharedFolder } from '../support/real-models.ts'

const rounds = 3
const engine = await testEngine()
let folder = ''

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lathe-bench-'))
  await makeBigModel(['resnet-50', join(folder, 'resnet-50.onnx')])
}, 120_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const models = (): readonly (readonly [name: string, path: string, sizes: Record<string, number>])[] => [
  ['resnet-50', join(folder, 'resnet-50.onnx'), {}],
  ['digits_cnn', join(sharedFolder, 'models', 'digits_cnn', 'model.onnx'), {}],
  ['text_bert', join(sharedFolder, 'models', 'text_bert', 'model.onnx'), { sequence: 32 }],
]

const median = (times: readonly number[]): number => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] as number

/** Milliseconds of processor time that this process takes for something: what a busy machine does not change. */
async function processorMs(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}

/** Exports without and with the check: what converting costs, and what running the file beside the model adds. */
it('converting to .tflite, and checking the file in LiteRT', { timeout: 300_000 }, async () => {
  const rows: string[][] = []
  for (const [name, model, sizes] of models()) {
    if (!existsSync(model)) continue
    const request = { model, format: 'tflite', out: join(folder, `${name}.tflite`), sizes } as const
    const reading = await milliseconds(async () => readFileSync(model))
    const [plain, processor, checked]: [number[], number[], number[]] = [[], [], []]
    let kernels = 0
    for (let round = 0; round <= rounds; round++) {
      let ms = 0
      const cpu = await processorMs(async () => {
        ms = await milliseconds(async () => {
          const { ops } = await engine.export({ ...request, check: false })
          kernels = Object.values(ops).reduce((sum, count) => sum + count, 0)
        })
      })
      const all = await milliseconds(async () => expect((await engine.export(request)).verification).toMatchObject({ passed: true }))
      // The first round loads code and runtimes.
      if (round === 0) continue
      plain.push(ms)
      processor.push(cpu)
      checked.push(all)
    }
    rows.push(
      [name, reading, median(plain), median(processor), median(checked) - median(plain), kernels].map((each) =>
        typeof each === 'number' ? each.toFixed(0) : each,
      ),
    )
  }
  const columns = ['read ms', 'read, convert, write ms', 'of that processor ms', 'check ms', 'kernels']
  process.stdout.write(`\n${table([{ title: 'model' }, ...columns.map((title) => ({ title, align: 'right' as const }))], rows)}\n`)
})
