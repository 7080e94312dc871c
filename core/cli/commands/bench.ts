import type { Bench } from '../../api/bench.ts'
import { type Command, modelOf, shared } from '../command.ts'
import { conditions } from '../show/figures.ts'
import { reportProgress } from '../show/steps.ts'
import { type Style, verdictText } from '../terminal/style.ts'
import { shorten, table } from '../terminal/table.ts'
import { bytes, milliseconds } from '../terminal/units.ts'

export const bench: Command = {
  grammar: {
    name: 'bench',
    summary: 'Times models against the first of them, interleaved in one process, and measures their memory',
    positionals: ['MODEL', '[MODEL...]'],
    options: [
      { name: 'batch', value: 'N,N', summary: 'batch sizes to time' },
      { name: 'threads', value: 'N,N', summary: 'numbers of intra-op threads to time' },
      shared.provider,
      shared.rounds,
      shared.data,
      { name: 'seed', value: 'N', summary: 'seed of generated inputs and of the order of the models' },
      shared.allow,
    ],
  },
  async run(given, session) {
    const models: string[] = []
    for (const path of given.positionals) models.push(await modelOf(path, given, session))
    const provider = given.text('provider')
    const batch = given.integers('batch')
    const threads = given.integers('threads')
    const runs = given.integer('runs')
    const seed = given.integer('seed', 0)
    const request = {
      models,
      data: given.text('data') ?? null,
      ...(batch === undefined ? {} : { batch: [...batch] }),
      ...(threads === undefined ? {} : { threads: [...threads] }),
      ...(provider === undefined ? {} : { provider }),
      ...(runs === undefined ? {} : { runs }),
      ...(seed === undefined ? {} : { seed }),
    }
    const engine = await session.engine()
    const document = await engine.bench(request, { signal: session.signal, onProgress: reportProgress(session.progress) })
    return { document, text: () => benchText(document, session.style) }
  },
}

function benchText({ models, ratios, machine, protocol }: Bench, style: Style): string {
  const figures = (title: string) => ({ title, align: 'right' as const, ...(expendable[title] ? { expendable: expendable[title] } : {}) })
  const timed = table(
    [
      { title: 'model', most: 48 },
      ...['batch', 'threads', 'median ms', '95 % interval', 'p95', 'p99', 'per s', 'load ms', 'memory', 'size'].map(figures),
    ],
    models.map(({ path, batch, threads, latencyMs, throughput, loadMs, peakMemoryBytes, sizeBytes }) => [
      path,
      String(batch),
      String(threads),
      milliseconds(latencyMs.median),
      `${milliseconds(latencyMs.low)}–${milliseconds(latencyMs.high)}`,
      milliseconds(latencyMs.p95),
      milliseconds(latencyMs.p99),
      throughput >= 100 ? throughput.toFixed(0) : throughput.toFixed(1),
      milliseconds(loadMs),
      typeof peakMemoryBytes === 'number' ? bytes(peakMemoryBytes) : '–',
      bytes(sizeBytes),
    ]),
    style.width,
  )
  return [timed, ratioTable(ratios, style), conditions(machine, protocol, style)].filter((part) => part !== '').join('\n\n')
}

/** What a narrow terminal can do without, the highest first. */
const expendable: Readonly<Record<string, number>> = { p95: 4, 'load ms': 3, p99: 2, memory: 1 }

function ratioTable(ratios: Bench['ratios'], style: Style): string {
  if (ratios.length === 0) return ''
  return table(
    [
      { title: 'compared' },
      { title: 'batch', align: 'right' },
      { title: 'threads', align: 'right' },
      { title: 'ratio', align: 'right' },
      { title: '95 % interval' },
      { title: '' },
    ],
    ratios.map(({ baseline, candidate, batch, threads, ratio, low, high, verdict }) => [
      `${shorten(candidate, 36)} / ${shorten(baseline, 36)}`,
      String(batch),
      String(threads),
      `${ratio.toFixed(2)}x`,
      `${low.toFixed(2)}–${high.toFixed(2)}`,
      verdictText(verdict, style),
    ]),
  )
}
