import { layerNames } from '../../api/layer-names.ts'
import type { LayerError, Unavailable } from '../../api/measurement.ts'
import type { Candidate, LayerRow } from '../../api/report.ts'
import { bytes, cosineText, decimal, latencyVerdict, milliseconds, orReason } from './figures.ts'
import { html, type Markup } from './markup.ts'

/** The table of layers: latency of both versions as bars and figures, error and size. */
export function layerTable({ layers, latencyMs }: Candidate): Markup {
  if (layers.length === 0) return html``
  const rows = layers.filter(({ kind }) => kind === 'layer')
  const sums = layers.filter(({ kind }) => kind !== 'layer' && kind !== anyway)
  // It is part of no sum: another way of running the source.
  const rest = [...sums, ...layers.filter(({ kind }) => kind === anyway)]
  const longest = Math.max(0, ...rows.flatMap(({ latencyMs }) => sides.map((side) => furthest(latencyMs, side))))
  return html`<div class="scroll" tabindex="0"><table><thead><tr>
<th class="r wide"></th><th>Layer</th><th class="wide">Kernels, source</th><th class="wide">Kernels, candidate</th>
<th class="wide"><span class="quiet">0 to ${milliseconds(longest)} ms</span>${rows.some(({ latencyMs }) => latencyMs.intervals !== undefined) ? html`<br><span class="quiet" title="from the least to the greatest of profiles that were repeated, each in a process of its own">├─┤ repeated profiles</span>` : ''}</th><th class="r">Source</th><th class="r">Candidate</th><th>Latency</th>
<th class="r">SQNR, dB</th><th class="r wide" title="Fed with the source's values: where it is lower than in the layers before, the error starts">of its own</th>
<th class="r wide">Cosine</th><th class="r wide">Size, source</th><th class="r wide">Candidate</th></tr></thead>
<tbody>${rows.map((row, at) => layerRow(row, at + 1, longest))}${rest.map((row) => sumRow(row, 'ratio' in latencyMs ? latencyMs.ratio : null))}</tbody></table></div>${waiting(rows, sums)}`
}

/** What the layers of the source wait for, by how much of its time stands behind it. */
function waiting(rows: readonly LayerRow[], sums: readonly LayerRow[]): Markup {
  const whole = number(sums.find(({ kind }) => kind === 'whole model')?.latencyMs.baseline ?? 0)
  const groups = new Map<string, LayerRow[]>()
  for (const row of rows) if (row.cost !== undefined) groups.set(row.cost.advice, [...(groups.get(row.cost.advice) ?? []), row])
  const timeOf = (found: readonly LayerRow[]) => found.reduce((sum, { latencyMs }) => sum + number(latencyMs.baseline), 0)
  const sorted = [...groups].map(([advice, found]) => ({ advice, found, ms: timeOf(found) })).sort((a, b) => b.ms - a.ms)
  if (sorted.length === 0 || whole === 0) return html``
  return html`<div class="pad"><h3>What the layers of the source wait for</h3></div><ul class="waits">${sorted.map(
    ({
      advice,
      found,
      ms,
    }) => html`<li><b class="r">${((100 * ms) / whole).toFixed(0)} %</b><span>${advice[0]?.toUpperCase()}${advice.slice(1)}
<span class="small">${reachedBy(found, ms)}; ${found.slice(0, namedLayers).map(({ names }, at) => html`${at > 0 ? ', ' : ''}${breakable(names[0] ?? '')}`)}${found.length > namedLayers ? ` and ${found.length - namedLayers} more` : ''}</span></span></li>`,
  )}</ul>`
}

/** What some rows reach of arithmetic and of memory. */
function reachedBy(rows: readonly LayerRow[], ms: number): string {
  const sum = (of: 'flops' | 'bytes') => rows.reduce((total, { cost }) => total + (cost?.[of] ?? 0), 0)
  return `${(sum('flops') / ms / 1e6).toPrecision(3)} GFLOP/s and ${(sum('bytes') / ms / 1e6).toPrecision(3)} GB/s`
}

const anyway = 'runtime would have done anyway'

const sides = ['baseline', 'candidate'] as const
type Side = (typeof sides)[number]
type RowLatency = LayerRow['latencyMs']

const number = (reading: number | Unavailable): number => (typeof reading === 'number' ? reading : 0)

/** How far the bar of a time, with its interval, goes. */
const furthest = (latency: RowLatency, side: Side): number => Math.max(number(latency[side]), latency.intervals?.[side].high ?? 0)

/** A time, with its interval on hover. */
function timeCell({ latencyMs: latency, kernels, kind }: LayerRow, side: Side): Markup {
  // What has no kernels takes no time; a zero would look like a figure that was taken.
  if (kind === 'layer' && kernels[side].length === 0 && latency[side] === 0)
    return html`<td class="r quiet" title="no kernel works for it">–</td>`
  const interval = latency.intervals?.[side]
  const level = Math.floor(100 * (latency.intervals?.level ?? 0))
  const title = interval && html` title="${milliseconds(interval.low)} to ${milliseconds(interval.high)} ms (${level} %)"`
  return html`<td class="r"${title}>${orReason(latency[side], milliseconds)}</td>`
}

function layerRow(row: LayerRow, position: number, longest: number): Markup {
  const { latencyMs, error, sizeBytes, kernels } = row
  const names = row.names.join(', ')
  return html`<tr><td class="r quiet small wide">${position}</td>
<td class="layer" title="${names}">${namesOf(row)} <span class="small">${row.role}</span></td>
<td class="kernels wide" title="${kernels.baseline.join(', ')}">${kernelText(kernels.baseline)}</td>
<td class="kernels wide" title="${kernels.candidate.join(', ')}">${kernelsOf(row)}</td>
<td class="bars wide">${bars(latencyMs, longest)}</td>
${sides.map((side) => timeCell(row, side))}
<td>${verdictOf(row)}</td>
<td class="r">${errorText(error, sqnrText)}</td>
<td class="r wide">${ownText(error)}</td><td class="r wide">${errorText(error, ({ cosine }) => cosineText(cosine))}</td>
<td class="r wide">${sizeText(sizeBytes.baseline)}</td><td class="r wide">${sizeText(sizeBytes.candidate)}</td></tr>`
}

type Deviation = Pick<Exclude<LayerError, Unavailable>, 'sqnrDb' | 'cosine'>

/** A figure as deployed; in parentheses what a simulation in floats says of a value that the runtime fused away. */
function errorText(error: LayerError, show: (error: Deviation) => string | Markup): Markup {
  if (!('unavailable' in error) || error.simulated === undefined) return orReason(error, show)
  return html`<span class="quiet" title="${error.unavailable}: simulated in floats, as the candidate is written">(${show(error.simulated)})</span>`
}

const sqnrText = ({ sqnrDb }: Deviation): Markup =>
  sqnrDb === null ? html`<span class="quiet" title="equal">=</span>` : html`${decimal(sqnrDb, 1)}`

/** What a layer loses by itself, when it is fed with the source's values. */
function ownText(error: LayerError): string {
  return 'unavailable' in error || error.local === null ? '' : error.local >= noLoss ? '=' : decimal(error.local, 1)
}

/** Decibels that stand for no error at all. */
const noLoss = 200

/** Layers that are named in a cell; the others on hover. */
const namedLayers = 3

function namesOf({ names }: LayerRow): Markup {
  const rest = names.length - namedLayers
  const shown = breakable(layerNames(names).slice(0, namedLayers).join(' + '))
  return rest > 0 ? html`${shown} <span class="small">and ${rest} more;</span>` : shown
}

/** Module names may break after their dots, names of operators before their words. */
function breakable(names: string, places = /(?<=\.)/): Markup {
  return html`${names.split(places).map((part, at) => html`${at > 0 ? html`<wbr>` : ''}${part}`)}`
}

/** Operators that are named in a cell. */
const namedKernels = 3

/** `MatMul ×3, Add ×2, 4 more`, the most frequent first; the standard domain's company names left out. */
function kernelText(kernels: readonly string[]): Markup {
  const counts = new Map<string, number>()
  for (const kernel of kernels) {
    const name = kernel.replace(/^(com\.microsoft(\.nchwc)?|ai\.onnx)\./, '')
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  const sorted = [...counts].sort(([, a], [, b]) => b - a)
  const shown = sorted.slice(0, namedKernels).map(([name, count]) => (count === 1 ? name : `${name} ×${count}`))
  const rest = sorted.slice(namedKernels).reduce((sum, [, count]) => sum + count, 0)
  return breakable([...shown, ...(rest > 0 ? [`${rest} more`] : [])].join(', '), /(?<=[a-z])(?=[A-Z])/)
}

const sizeText = (size: number): string => (size === 0 ? '–' : bytes(size))

function kernelsOf({ kernels }: LayerRow): Markup {
  const [before, after] = [kernelText(kernels.baseline), kernelText(kernels.candidate)]
  if (kernels.candidate.length === 0) return html`<span class="quiet">${kernels.baseline.length === 0 ? '' : 'none left'}</span>`
  return before.text === after.text ? html`<span class="quiet">unchanged</span>` : after
}

function verdictOf({ latencyMs: { baseline, candidate, verdict } }: LayerRow): Markup {
  return latencyVerdict(verdict, number(baseline), number(candidate))
}

const remarks: Readonly<Record<LayerRow['kind'], string>> = {
  layer: '',
  'shape arithmetic': 'what is computed from shapes and constants alone, and is no layer of the network',
  'boundary cost': 'entering and leaving lower precision and other layouts, which no layer owns',
  overhead: 'dispatch, allocation, waking threads: what is left of a run without all kernels',
  'whole model': 'timed by itself; the times of kernels are scaled so that the rows add up to it',
  'runtime would have done anyway': 'the source as it is written, and as the runtime optimizes it at load; part of no sum',
}

/** @param ratio what was judged of the whole model: of paired rounds, not of the two medians */
function sumRow(row: LayerRow, ratio: number | null): Markup {
  const { latencyMs, sizeBytes, kind, error } = row
  return html`<tr class="sum${kind === 'whole model' ? ' whole' : ''}"><td class="wide"></td>
<td title="${kind === 'shape arithmetic' ? row.names.join(', ') : ''}">${kind[0]?.toUpperCase()}${kind.slice(1)}</td><td class="wide small" colspan="3">${remarks[kind]}</td>
${sides.map((side) => timeCell(row, side))}
<td>${kind === 'whole model' && ratio !== null ? latencyVerdict(latencyMs.verdict, 1, ratio) : verdictOf(row)}</td><td class="r">${kind === 'whole model' ? errorText(error, sqnrText) : ''}</td><td class="wide"></td><td class="r wide">${kind === 'whole model' ? errorText(error, ({ cosine }) => cosineText(cosine)) : ''}</td>
<td class="r wide">${sizeText(sizeBytes.baseline)}</td><td class="r wide">${sizeText(sizeBytes.candidate)}</td></tr>`
}

/** Both times as bars, source above, with their intervals as whiskers. */
function bars(latency: RowLatency, longest: number): Markup {
  if (longest === 0) return html``
  const [before, after] = [number(latency.baseline), number(latency.candidate)]
  const at = (value: number) => ((100 * value) / longest).toFixed(2)
  const whisker = (side: Side, y: number) => {
    const interval = latency.intervals?.[side]
    if (interval === undefined || interval.high === 0) return html``
    const [low, high] = [at(interval.low), at(interval.high)]
    return html`<path class="whisker" d="M${low} ${y}V${y + 3}M${low} ${y + 1.5}H${high}M${high} ${y}V${y + 3}"/>`
  }
  return html`<svg viewBox="0 0 100 14" preserveAspectRatio="none" role="img" aria-label="${milliseconds(before)} ms, then ${milliseconds(after)} ms">
<rect class="bar-base" y="1" width="${at(before)}" height="5"/><rect class="bar-new" y="8" width="${at(after)}" height="5"/>${whisker('baseline', 2)}${whisker('candidate', 9)}</svg>`
}
