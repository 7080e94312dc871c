import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { table } from '../../core/cli/terminal/table.ts'

/** The 4.4 GB model takes half a minute to make: `LATHE_BENCH_LARGE=1` adds it. */
const kinds = ['bert-base', 'resnet-50', ...(process.env.LATHE_BENCH_LARGE ? ['llama-1b'] : [])]
const rounds = 5
const root = join(import.meta.dirname, '..', '..')
const reportPeak = "data:text/javascript,process.on('exit',()=>process.stderr.write('peak '+process.resourceUsage().maxRSS))"
let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lathe-bench-'))
  for (const kind of kinds)
    execFileSync(process.execPath, ['bin/script.mjs', 'make-big-model', kind, join(folder, `${kind}.onnx`)], { cwd: root })
}, 300_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Cost {
  readonly ms: number
  readonly bytes: number
}

/** Medians of fresh processes: wall time and peak resident size. */
function costOf(...typed: readonly string[]): Cost {
  const runs = Array.from({ length: rounds }, () => {
    const started = performance.now()
    const { status, stderr } = spawnSync(process.execPath, ['--import', reportPeak, 'bin/lathe.mjs', ...typed], {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 1e9,
    })
    expect(status, stderr).toBe(0)
    return { ms: performance.now() - started, bytes: Number(/peak (\d+)/.exec(stderr)?.[1]) * 1024 }
  })
  const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
  return { ms: median(runs.map(({ ms }) => ms)), bytes: median(runs.map(({ bytes }) => bytes)) }
}

it('inspect, beside the start of the process', () => {
  const start = costOf('--version')
  const rows = kinds.map((kind) => {
    const { ms, bytes } = costOf('inspect', join(folder, `${kind}.onnx`), '--json')
    return [kind, ms.toFixed(0), (ms - start.ms).toFixed(0), (bytes / 1e6).toFixed(0), ((bytes - start.bytes) / 1e6).toFixed(0)]
  })
  const figures = ['ms', 'ms beside start', 'peak MB', 'MB beside start'].map((title) => ({ title, align: 'right' as const }))
  process.stdout.write(`\n${table([{ title: 'inspect' }, ...figures], rows)}\n`)
})
