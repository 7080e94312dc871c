import { basename } from '../api/file-name.ts'
import { layerNames } from '../api/layer-names.ts'
import type { Accuracy, Latency, Ratio, Unavailable, Verdict } from '../api/measurement.ts'
import { isDistance, metricName, metricText } from '../api/metric.ts'
import { whyUnusable } from '../api/outcome.ts'
import { sentenceOf } from '../api/problem.ts'
import { quantity } from '../api/quantity.ts'
import type { Candidate, LayerRow, Report } from '../api/report.ts'
import { bytes, change, decimal, milliseconds } from './html/figures.ts'

/** Rows of layers that a summary names at most, of each sort. */
const namedLayers = 3

/** The report as a comment under a pull request: what changed, what is worse where, and how to repeat it. GitHub-flavoured Markdown. */
export function reportMarkdown(report: Report): string {
  const { candidates, baseline, pipeline } = report
  const title = `### ${plain(pipeline)} on ${plain(basename(baseline.path))}`
  const parts = candidates.map((candidate) => candidatePart(candidate, candidates.length > 1))
  return `${[title, ...parts, stageNotes(report), notesOf(report), conditions(report)].filter((part) => part !== '').join('\n\n')}\n`
}

function candidatePart(candidate: Candidate, several: boolean): string {
  const { id, problem, path } = candidate
  const title = several ? `#### ${plain(id)}: ${path.map(plain).join(' › ')}` : ''
  const warning = problem === undefined ? whyUnusable(candidate) : sentenceOf(problem)
  return [title, warning === null ? '' : `**${plain(warning)}**`, figures(candidate), layersOf(candidate)]
    .filter((part) => part !== '')
    .join('\n\n')
}

function figures({ latencyMs, accuracy, sizeBytes, storage, peakMemoryBytes, energyJoules, nodes }: Candidate): string {
  const rows: (readonly string[] | null)[] = [
    reading(latencyMs, 'Latency, median', (found) => [
      `${milliseconds(found.baseline.median)} ms`,
      `${milliseconds(found.candidate.median)} ms`,
      latencyText(found),
    ]),
    reading(accuracy, 'accuracy', accuracyCells),
    ['Size', bytes(sizeBytes.baseline), bytes(sizeBytes.candidate), change(sizeBytes.baseline, sizeBytes.candidate)],
    'unavailable' in storage.baseline.gzip || 'unavailable' in storage.candidate.gzip
      ? null
      : pair('Size, gzipped', storage.baseline.gzip.bytes, storage.candidate.gzip.bytes, bytes),
    reading(peakMemoryBytes, 'Peak memory', ({ baseline, candidate }) => pair('', baseline, candidate, bytes).slice(1)),
    'unavailable' in energyJoules
      ? null
      : pair('Energy of a run', energyJoules.baseline, energyJoules.candidate, (joules) => `${(1000 * joules).toPrecision(3)} mJ`),
    pair('Nodes', nodes.baseline, nodes.candidate, String),
  ]
  return table(
    ['', 'source', 'candidate', ''],
    rows.filter((row) => row !== null),
    [1, 2],
  )
}

const pair = (name: string, from: number, to: number, show: (value: number) => string): string[] => [
  name,
  show(from),
  show(to),
  change(from, to),
]

function accuracyCells({ metric, baseline, candidate, low, high, verdict, samples }: Accuracy): string[] {
  const taken = `${metricName(metric)}, ${quantity(samples, 'sample')}`
  if (isDistance(metric)) return ['', metricText(metric, candidate, 4), `against the source (${taken})`]
  return [decimal(baseline, 4), decimal(candidate, 4), `${verdict}, 95 % ${decimal(low, 4)} to ${decimal(high, 4)} (${taken})`]
}

/** A row of figures, or the reason why there are none. */
function reading<T extends object>(found: T | Unavailable, name: string, show: (found: T) => readonly string[]): readonly string[] {
  const title = `${name[0]?.toUpperCase()}${name.slice(1)}`
  return 'unavailable' in found ? [title, '–', '–', plain((found as Unavailable).unavailable)] : [title, ...show(found as T)]
}

function latencyText(found: Ratio & { readonly baseline: Latency; readonly candidate: Latency }): string {
  const interval = `95 % ${decimal(found.low, 2)} to ${decimal(found.high, 2)} of the source's time${found.because === undefined ? '' : ` (${found.because})`}`
  return `${timeWords(found.verdict, found.baseline.median, found.candidate.median)}, ${interval}`
}

function timeWords(verdict: Verdict, from: number, to: number): string {
  if (verdict !== 'better' && verdict !== 'worse') return verdict
  if (from === 0 || to === 0) return from === 0 ? '**new**' : '**gone**'
  const percent = `${(100 * Math.abs(to / from - 1)).toFixed(0)} %`
  return verdict === 'better' ? `**${percent} faster**` : `**${percent} slower**`
}

/** The layers that lost most accuracy, and those that became slower and faster by most. */
function layersOf({ layers }: Candidate): string {
  const rows = layers.filter(({ kind }) => kind === 'layer')
  const worst = rows
    .flatMap((row) => ('unavailable' in row.error || row.error.sqnrDb === null ? [] : [{ row, sqnrDb: row.error.sqnrDb }]))
    .sort((a, b) => a.sqnrDb - b.sqnrDb)
    .slice(0, namedLayers)
  const timed = rows
    .map((row) => ({ row, ms: number(row.latencyMs.candidate) - number(row.latencyMs.baseline) }))
    .sort((a, b) => b.ms - a.ms)
  const slower = timed.filter(({ row }) => row.latencyMs.verdict === 'worse').slice(0, namedLayers)
  const faster = timed.filter(({ row }) => row.latencyMs.verdict === 'better').slice(-namedLayers)
  const kinds: readonly (readonly [string, readonly LayerRow[]])[] = [
    ['least accurate', worst.map(({ row }) => row)],
    ['slower', slower.map(({ row }) => row)],
    ['faster', faster.reverse().map(({ row }) => row)],
  ]
  const lines = kinds.flatMap(([kind, found]) => found.map((row) => [kind, namesOf(row), plain(row.role), errorText(row), timeText(row)]))
  return lines.length === 0 ? '' : table(['', 'layer', 'role', 'SQNR', 'time'], lines, [3])
}

const number = (value: number | Unavailable): number => (typeof value === 'number' ? value : 0)

/** Layers of a row that are named. */
const namedParts = 3

function namesOf({ names }: LayerRow): string {
  const rest = names.length - namedParts
  return `${code(layerNames(names).slice(0, namedParts).join(' + '))}${rest > 0 ? ` and ${rest} more` : ''}`
}

/** Decibels that stand for no error at all. */
const noLoss = 200

function errorText({ error }: LayerRow): string {
  if ('unavailable' in error) return '–'
  const own = error.local === null ? '' : error.local >= noLoss ? ', nothing of its own' : `, ${decimal(error.local, 1)} dB of its own`
  return error.sqnrDb === null ? 'equal' : `${decimal(error.sqnrDb, 1)} dB${own}`
}

function timeText({ latencyMs: { baseline, candidate, verdict } }: LayerRow): string {
  if (typeof baseline !== 'number' || typeof candidate !== 'number') return '–'
  // What has no kernels takes no time; a zero would look like a figure that was taken.
  if ((baseline === 0) !== (candidate === 0)) return `${milliseconds(baseline + candidate)} ms, ${timeWords(verdict, baseline, candidate)}`
  return `${milliseconds(baseline)} → ${milliseconds(candidate)} ms, ${timeWords(verdict, baseline, candidate)}`
}

/** What stages had to say of what they did, and did not: once, however many candidates a stage is part of. */
function stageNotes({ stages }: Report): string {
  const lines = stages.flatMap(({ id, notes }) => notes.map((note) => `- \`${plain(id)}\`: ${plain(note)}`))
  return [...new Set(lines)].join('\n')
}

const notesOf = ({ notes }: Report): string => notes.map((note) => `> ${plain(note)}`).join('\n>\n')

function conditions({ machine, protocol, data, commands, lathe, preparation }: Report): string {
  const lines = [
    `- ${plain(machine.cpu)}, ${machine.cores} cores${machine.features.length > 0 ? ` (${machine.features.join(', ')})` : ''}, ${machine.runtime.name} ${machine.runtime.version}, Lathe ${lathe}`,
    `- Data: ${plain(data)}`,
    ...(preparation === null || preparation.ms === 0
      ? []
      : [`- Preparing ${quantity(preparation.samples, 'sample')} took ${milliseconds(preparation.ms)} ms, which is in no latency`]),
    ...(protocol === null
      ? []
      : [
          `- ${quantity(protocol.rounds, 'round')} after ${protocol.warmup} to warm up, ${plain(protocol.order)}; batch ${protocol.batch}, ${quantity(protocol.threads, 'thread')}, ${protocol.provider}, level ${protocol.level}, seed ${protocol.seed}`,
        ]),
  ]
  const fence = fenceFor(commands.join('\n'))
  const repeat = commands.length === 0 ? [] : ['', `${fence}sh`, ...commands, fence]
  return ['<details><summary>How this was measured, and how to repeat it</summary>', '', ...lines, ...repeat, '', '</details>'].join('\n')
}

/** @param figures positions of columns that stand to the right */
function table(titles: readonly string[], rows: readonly (readonly string[])[], figures: readonly number[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('\n', ' ')).join(' | ')} |`
  const rule = titles.map((_, at) => (figures.includes(at) ? '--:' : '---'))
  return [line(titles), line(rule), ...rows.map(line)].join('\n')
}

/** Text of a model as text: nothing in it is markup, a mention, or a border of the table. */
function plain(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[\\`*_{}[\]<>()#|~!]/g, '\\$&')
    .replaceAll('@', '&#64;')
}

/** A name as code. Borders of the table count even there. */
function code(text: string): string {
  const clean = text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|')
  const fence = fenceFor(clean, '`')
  const space = clean.startsWith('`') || clean.endsWith('`') ? ' ' : ''
  return `${fence}${space}${clean}${space}${fence}`
}

/** Longer than any run of backticks in the text. */
function fenceFor(text: string, least = '```'): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
  return '`'.repeat(Math.max(least.length, longest + 1))
}
