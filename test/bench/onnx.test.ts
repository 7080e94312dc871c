import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { table } from '../../core/cli/terminal/table.ts'
import { countNodes, referencesOf } from '../../core/ir/reference.ts'
import { verifyModel } from '../../core/ir/verify.ts'
import { allNodes } from '../../core/ir/walk.ts'
import { openModel } from '../../core/onnx/read.ts'
import { writeSkeleton } from '../../core/onnx/skeleton.ts'
import { writeModel } from '../../core/onnx/write.ts'
import { main as makeBigModel } from '../../scripts/make-big-model.ts'

/** The 4.4 GB model takes half a minute to make: `LATHE_BENCH_LARGE=1` adds it. */
const kinds = ['bert-base', 'resnet-50', ...(process.env.LATHE_BENCH_LARGE ? ['llama-1b'] : [])]
const rounds = 5
let folder = ''

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lathe-bench-'))
  for (const kind of kinds) await makeBigModel([kind, join(folder, `${kind}.onnx`)])
}, 300_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Median milliseconds of several rounds, after one that warms up. */
async function median(work: () => unknown): Promise<string> {
  const times: number[] = []
  for (let round = 0; round <= rounds; round++) {
    const start = performance.now()
    await work()
    if (round > 0) times.push(performance.now() - start)
  }
  return (times.toSorted((a, b) => a - b)[Math.floor(rounds / 2)] as number).toFixed(1)
}

it('opening, looking and writing, in one process', async () => {
  const rows: string[][] = []
  for (const kind of kinds) {
    const path = join(folder, `${kind}.onnx`)
    const model = openModel(path).freeze()
    const copy = model.fork()
    rows.push([
      kind,
      `${countNodes(model).nodes}`,
      await median(() => openModel(path)),
      await median(() => model.fork()),
      await median(() => expect(verifyModel(model)).toEqual([])),
      await median(() => [...allNodes(model.graph)].length + referencesOf(model).size),
      await median(() => writeSkeleton(copy, join(folder, 'skeleton'))),
      await median(() => writeModel(copy, join(folder, 'written.onnx'), { verbatim: false })),
    ])
    expect(statSync(join(folder, 'skeleton', 'model.onnx')).size).toBeLessThan(5e6)
  }
  const columns = ['nodes', 'open ms', 'fork ms', 'verify ms', 'walk ms', 'skeleton ms', 'write ms']
  process.stdout.write(`\n${table([{ title: 'model' }, ...columns.map((title) => ({ title, align: 'right' as const }))], rows)}\n`)
})
