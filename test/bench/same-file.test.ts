import { describe, expect, it } from 'vitest'
import { generatedData } from '../../core/data/open.ts'
import { feedsOf } from '../../core/data/samples.ts'
import { ratioOf, timeVersions } from '../../core/measure/latency.ts'
import { openModel } from '../../core/onnx/read.ts'
import { dataFolder } from '../support/data-folder.ts'
import { testRuntime } from '../support/spawn-runtime.ts'

const tries = Number(process.env.LATHE_TRIES ?? 100)

/** The protocol against itself: the same file as baseline and candidate must come out as `no clear difference`. */
describe('the same file against itself', async () => {
  const { store } = await dataFolder()
  const runtime = await testRuntime()

  it.each(['samples/digits-cnn/model.onnx', 'samples/text-bert/model.onnx'])(
    `${tries} times: %s`,
    async (path) => {
      const model = openModel(path).freeze()
      const { evaluation } = await generatedData({ graph: model.graph, store, count: 1 })
      const feeds = await feedsOf(evaluation!.table, 0, 1)
      const contestant = { session: { model: path, provider: 'cpu', threads: 2, level: 'all' as const }, feeds, bytes: 0 }
      const bench = { runtime, provider: 'cpu', threads: 2 }
      const found: { ratio: number; low: number; high: number; floor: number; verdict: string }[] = []
      for (let seed = 1; seed <= tries; seed++) {
        const timing = await timeVersions([contestant, contestant], { bench, rounds: 30, expectedMs: 0, seed })
        found.push({ ...ratioOf(timing, 0, 1, seed), floor: timing.floor })
      }
      const ratios = found.map(({ ratio }) => ratio).sort((a, b) => a - b)
      const claims = found.filter(({ verdict }) => verdict !== 'no clear difference')
      console.table([{ path, tries, claims: claims.length, lowest: ratios[0], middle: ratios[tries >> 1], highest: ratios.at(-1) }])
      if (claims.length > 0) console.table(claims)
      expect(claims.length).toBeLessThanOrEqual(0.05 * tries)
    },
    3_600_000,
  )
})
