import { join } from 'node:path'
import { expect, it } from 'vitest'
import { testRuntime } from '../support/spawn-runtime.ts'
import { randomTensor } from '../support/tensor-data.ts'

/** What it costs to reach the runtime: its process, a model, a run, and bytes on their way. */
it('costs of the runtime process', async () => {
  const runtime = await testRuntime()
  const rows: [string, number][] = []
  const timed = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const started = performance.now()
    const result = await work()
    rows.push([name, performance.now() - started])
    return result
  }
  const session = {
    model: join(import.meta.dirname, '../../samples/digits-cnn/model.onnx'),
    provider: 'cpu',
    threads: 1,
    level: 'all',
  } as const
  const one = { input: randomTensor([1, 1, 32, 32], 1) }
  const many = { input: randomTensor([512, 1, 32, 32], 1) }
  await timed('start the process, name the machine', () => runtime.info())
  await timed('load a model of 1.6 MB and run it', () => runtime.execute({ session, feeds: one, wanted: [] }))
  await timed('run it again', () => runtime.execute({ session, feeds: one, wanted: [] }))
  await timed('run 512 samples (2 MB of input)', () => runtime.execute({ session, feeds: many, wanted: [] }))
  await timed('profile 10 runs in a process of its own', () => runtime.profile({ session, feeds: one, runs: 10, warmup: 2 }))
  await timed('peak memory in a process of its own', () => runtime.memory(session, one))
  process.stdout.write(`${rows.map(([name, ms]) => `${ms.toFixed(1).padStart(9)} ms  ${name}`).join('\n')}\n`)
  expect(rows.every(([, ms]) => ms < 30_000)).toBe(true)
})
