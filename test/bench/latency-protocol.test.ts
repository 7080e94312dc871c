import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { SessionSpec } from '../../core/runtime/session.ts'
import { testRuntime } from '../support/spawn-runtime.ts'
import { randomTensor } from '../support/tensor-data.ts'

/**
 * How far a model is from itself: the width of these ratios is what the protocol cannot tell apart. With the runtime's defaults idle threads
 * of one session disturb the next, which is what `session.force_spinning_stop` ends.
 */
const repeats = 6
const rounds = 30

const model = join(import.meta.dirname, '../../samples/digits-cnn/model.onnx')
const feeds = [{ input: randomTensor([1, 1, 32, 32], 1) }]
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] as number

it.each([
  ['force_spinning_stop', '1'],
  ['defaults', '0'],
])('A/A ratio with %s', async (name, stop) => {
  const runtime = await testRuntime()
  const session: SessionSpec = { model, provider: 'cpu', threads: 2, level: 'all', config: { 'session.force_spinning_stop': stop } }
  const ratios: number[] = []
  for (let seed = 1; seed <= repeats; seed++) {
    const { runs } = await runtime.time({ sessions: [session, session], feeds, rounds, warmup: 5, seed })
    const [a = [], b = []] = runs
    ratios.push(median(b) / median(a))
  }
  process.stdout.write(`${name}: ${ratios.map((ratio) => ratio.toFixed(3)).join('  ')}\n`)
  // A protocol that finds a model twice as fast as itself measures nothing.
  expect(Math.max(...ratios)).toBeLessThan(2)
})
