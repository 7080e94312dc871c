import type { Bench } from '../../api/bench.ts'
import { sentenceOf } from '../../api/problem.ts'
import { quantity } from '../../api/quantity.ts'
import type { BenchRequest } from '../../api/requests.ts'
import type { Arguments } from '../arguments.ts'
import { type Command, modelOf, shared } from '../command.ts'
import { conditions } from '../show/figures.ts'
import { reportProgress } from '../show/steps.ts'
import { type Style, verdictText } from '../terminal/style.ts'
import { shorten, table } from '../terminal/table.ts'
import { bytes, milliseconds } from '../terminal/units.ts'
import { usageError } from '../usage.ts'

export const bench: Command = {
  grammar: {
    name: 'bench',
    summary: 'Times models against the first of them, interleaved in one process, and measures their memory',
    positionals: ['MODEL', '[MODEL...]'],
    options: [
      { name: 'batch', value: 'N,N', summary: 'batch sizes to time' },
      { name: 'sequence', value: '[SYMBOL=]N,N', summary: 'lengths of the inputs to time; the symbolic axis is found unless it is named' },
      { name: 'threads', value: 'N,N', summary: 'numbers of intra-op threads to time' },
      shared.provider,
      shared.rounds,
      shared.data,
      shared.skipBroken,
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
      skipBroken: given.flag('skip-broken'),
      ...(batch === undefined ? {} : { batch: [...batch] }),
      ...lengthsOf(given),
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

/** `16,32` or `sequence=16,32`. */
function lengthsOf(given: Arguments): Pick<BenchRequest, 'sequence' | 'symbol'> {
  const typed = given.text('sequence')
  if (typed === undefined) return {}
  const [, symbol, list = ''] = /^(?:(.*)=)?([^=]*)$/.exec(typed) ?? []
  const sequence = list.split(',').map((part) => (/^\d+$/.test(part.trim()) ? Number(part) : 0))
  if (sequence.some((length) => length < 1))
    throw usageError('not-lengths', `--sequence takes lengths, not "${typed}"`, 'Write them with commas: --sequence 16,32,64.')
  return { sequence, ...(symbol === undefined || symbol === '' ? {} : { symbol }) }
}

function benchText({ models, ratios, recommended = [], failed, notes, machine, protocol }: Bench, style: Style): string {
  const figures = (title: string) => ({ title, align: 'right' as const, ...(expendable[title] ? { expendable: expendable[title] } : {}) })
  const lengths = models.some(({ sequence }) => sequence !== undefined)
  const timed = table(
    [
      { title: 'model', most: 48 },
      ...['batch', ...(lengths ? ['length'] : []), 'threads', 'median ms', '95 % interval', 'p95', 'p99', 'per s'].map(figures),
      ...['load ms', 'first ms', 'memory', 'size'].map(figures),
    ],
    models.map(({ path, batch, sequence, threads, latencyMs, throughput, loadMs, firstRunMs, peakMemoryBytes, sizeBytes }) => [
      path,
      String(batch),
      ...(lengths ? [String(sequence ?? '')] : []),
      String(threads),
      milliseconds(latencyMs.median),
      `${milliseconds(latencyMs.low)}–${milliseconds(latencyMs.high)}`,
      milliseconds(latencyMs.p95),
      milliseconds(latencyMs.p99),
      perSecond(throughput),
      milliseconds(loadMs),
      milliseconds(firstRunMs),
      typeof peakMemoryBytes === 'number' ? bytes(peakMemoryBytes) : '–',
      bytes(sizeBytes),
    ]),
    style.width,
  )
  const knees = recommended.map(
    (each) =>
      `${style.strong(`${each.of} ${each[each.of]}`)} for ${placeOf(each)}: ${each.because}; ${perSecond(each.throughput)} a second here`,
  )
  const problems = failed.map(({ batch, threads, sequence, problem }) =>
    style.bad(
      `not timed at batch ${batch}, ${sequence === undefined ? '' : `length ${sequence}, `}${quantity(threads, 'thread')}: ${sentenceOf(problem)}`,
    ),
  )
  const parts = [timed, ratioTable(ratios, style), ...[knees, problems].map((lines) => lines.join('\n'))]
  const more = notes.length - mostNotes
  const shown = more > 1 ? [...notes.slice(0, mostNotes), `and ${more} more notes of this kind; --json has them all.`] : notes
  const told = shown.map((note) => style.faint(note)).join('\n')
  return [...parts, told, conditions(machine, protocol, style)].filter((part) => part !== '').join('\n\n')
}

/** A sweep says of each of its points what disturbed it. */
const mostNotes = 4

const perSecond = (throughput: number): string => (throughput >= 100 ? throughput.toFixed(0) : throughput.toFixed(1))

/** What a recommendation holds for, besides what it recommends. */
function placeOf({ path, of, batch, threads, sequence }: NonNullable<Bench['recommended']>[number]): string {
  const other = of === 'batch' ? quantity(threads, 'thread') : `batch ${batch}`
  return `${shorten(path, 36)} at ${sequence === undefined ? '' : `length ${sequence}, `}${other}`
}

/** What a narrow terminal can do without, the highest first. */
const expendable: Readonly<Record<string, number>> = { 'first ms': 5, p95: 4, 'load ms': 3, p99: 2, memory: 1 }

function ratioTable(ratios: Bench['ratios'], style: Style): string {
  if (ratios.length === 0) return ''
  const lengths = ratios.some(({ sequence }) => sequence !== undefined)
  return table(
    [
      { title: 'compared' },
      { title: 'batch', align: 'right' },
      ...(lengths ? [{ title: 'length', align: 'right' as const }] : []),
      { title: 'threads', align: 'right' },
      { title: 'ratio', align: 'right' },
      { title: '95 % interval' },
      { title: '' },
    ],
    ratios.map(({ baseline, candidate, batch, sequence, threads, ratio, low, high, verdict, because }) => [
      `${shorten(candidate, 36)} / ${shorten(baseline, 36)}`,
      String(batch),
      ...(lengths ? [String(sequence ?? '')] : []),
      String(threads),
      `${ratio.toFixed(2)}x`,
      `${low.toFixed(2)}–${high.toFixed(2)}`,
      `${verdictText(verdict, style)}${because === undefined ? '' : style.faint(` (${because})`)}`,
    ]),
  )
}
