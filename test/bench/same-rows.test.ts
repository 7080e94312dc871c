import { describe, expect, it } from 'vitest'
import { compareModels } from '../../core/measure/compare.ts'
import { openModel } from '../../core/onnx/read.ts'
import { dataFolder } from '../support/data-folder.ts'
import { testRuntime } from '../support/spawn-runtime.ts'

const tries = Number(process.env.LATHE_TRIES ?? 20)

/** Rows of layers of a file against itself: what is claimed is false. */
describe('the rows of the same file against itself', async () => {
  const { store } = await dataFolder()
  const runtime = await testRuntime()

  it.each(['samples/digits-cnn/model.onnx', 'samples/text-bert/model.onnx'])(
    `${tries} times: %s`,
    async (path) => {
      const table: { seed: number; rows: number; claims: number; whole: string }[] = []
      for (let seed = 1; seed <= tries; seed++) {
        const [baseline, candidate] = [1, 2].map(() => openModel(path).freeze())
        const request = { runtime, store, provider: 'cpu', threads: 2, seed, data: null, lineage: 'matched' as const }
        const { figures } = await compareModels({ ...request, baseline: baseline!, candidate: candidate!, rounds: 20 })
        const rows = figures.layers.filter(({ kind }) => kind === 'layer')
        const claims = rows.filter(({ latencyMs: { verdict } }) => verdict !== 'no clear difference').length
        table.push({ seed, rows: rows.length, claims, whole: 'verdict' in figures.latencyMs ? figures.latencyMs.verdict : '' })
      }
      console.table(table)
      const sum = (of: 'rows' | 'claims') => table.reduce((total, each) => total + each[of], 0)
      process.stdout.write(`${path}: ${sum('claims')} of ${sum('rows')} rows were claimed to differ\n`)
      expect(sum('claims') / sum('rows')).toBeLessThanOrEqual(0.05)
    },
    3_600_000,
  )
})
