import { besideEachOther } from '../../api/beside-each-other.ts'
import { exactDecibels, isDistance, metricName, metricText } from '../../api/metric.ts'
import type { Candidate } from '../../api/report.ts'
import { bytes, change, decimal, milliseconds, orReason, verdictMark } from './figures.ts'
import { html, type Markup } from './markup.ts'

/** All candidates side by side, with accuracy over latency where both were measured. */
export function candidateOverview(candidates: readonly Candidate[]): Markup {
  if (candidates.length < 2) return html``
  const times = besideEachOther(candidates)
  return html`<section><h2>Candidates</h2>${scatter(candidates)}<div class="scroll" tabindex="0"><table><thead><tr><th>Candidate</th><th class="wide">Stages</th>
<th class="r">Latency, ms</th><th>against source</th><th class="r">Size</th><th class="r wide">Accuracy</th><th>against source</th></tr></thead>
<tbody>${candidates.map((candidate) => row(candidate, times.get(candidate.id)))}</tbody></table></div>${timedApart(candidates, times)}</section>`
}

/** Said where a time in the table is not the one that was read. */
function timedApart(candidates: readonly Candidate[], times: ReadonlyMap<string, number>): Markup {
  const isApart = ({ id, latencyMs }: Candidate) => 'ratio' in latencyMs && times.get(id) !== latencyMs.candidate.median
  if (!candidates.some(isApart)) return html``
  return html`<p class="quiet">Each candidate is timed interleaved with the source, at a time of its own. Beside each other they stand at the source's time of the first.</p>`
}

function row({ id, path, latencyMs, sizeBytes, accuracy }: Candidate, time: number | undefined): Markup {
  return html`<tr><td><a href="#candidate-${id}">${id}</a></td><td class="wide path">${path.join(' › ')}</td>
<td class="r">${orReason(latencyMs, (pair) => milliseconds(time ?? pair.candidate.median))}</td>
<td>${orReason(latencyMs, (pair) => verdictMark(pair.verdict, `${pair.verdict}, ${change(pair.baseline.median, pair.candidate.median)}`))}</td>
<td class="r">${bytes(sizeBytes.candidate)} <span class="quiet">${change(sizeBytes.baseline, sizeBytes.candidate)}</span></td>
<td class="r wide">${orReason(accuracy, (found) => metricText(found.metric, found.candidate, 4))}</td>
<td>${orReason(accuracy, (found) => (isDistance(found.metric) ? metricName(found.metric) : verdictMark(found.verdict)))}</td></tr>`
}

interface Point {
  readonly label: string
  readonly x: number
  readonly y: number
  readonly source: boolean
}

function pointsOf(candidates: readonly Candidate[]): Point[] {
  const times = besideEachOther(candidates)
  const points = candidates.flatMap(({ id, latencyMs, accuracy }): Point[] =>
    'unavailable' in latencyMs || 'unavailable' in accuracy
      ? []
      : [{ label: id, x: times.get(id) ?? latencyMs.candidate.median, y: accuracy.candidate, source: false }],
  )
  const first = candidates[0]
  if (points.length === 0 || first === undefined || 'unavailable' in first.latencyMs || 'unavailable' in first.accuracy) return points
  return [{ label: 'source', x: first.latencyMs.baseline.median, y: first.accuracy.baseline, source: true }, ...points]
}

const [width, height, left, bottom] = [640, 220, 64, 34]

function scatter(candidates: readonly Candidate[]): Markup {
  const points = pointsOf(candidates)
  if (points.length < 2) return html``
  const x = scale(
    points.map((point) => point.x),
    left + 12,
    width - 90,
  )
  const metric = candidates.flatMap(({ accuracy }) => ('unavailable' in accuracy ? [] : [accuracy.metric]))[0] ?? 'accuracy'
  const y = heights(
    points.map((point) => point.y),
    metric,
  )
  return html`<div class="pad"><svg class="scatter" viewBox="0 0 ${width} ${height}" width="100%" role="img" aria-label="${metricName(metric)} over latency of the candidates">
<path class="axis" fill="none" d="M${left} 8V${height - bottom}H${width - 8}"/>
${y.ticks.map((tick) => html`<text x="${left - 6}" y="${tick.at + 4}" text-anchor="end">${tick.value === exactDecibels ? 'exact' : decimal(tick.value, isDistance(metric) ? 1 : 4)}</text><path class="grid" d="M${left} ${tick.at}H${width - 8}"/>`)}
${x.ticks.map((tick) => html`<text x="${tick.at}" y="${height - bottom + 15}" text-anchor="middle">${milliseconds(tick.value)}</text>`)}
<text x="${width - 8}" y="${height - 4}" text-anchor="end">latency, ms</text><text x="${left + 6}" y="14">${isDistance(metric) ? `${metricName(metric)} against the source, dB` : metric}</text>
${points.map((point) => html`<circle class="${point.source ? 'dot-base' : 'dot'}" cx="${x.of(point.x)}" cy="${y.of(point.y)}" r="4.5"/><text x="${x.of(point.x) + 8}" y="${y.of(point.y) + 4}">${point.label}</text>`)}
</svg></div>`
}

/** What is as the source stands on a line of its own above the scale of decibels. */
function heights(values: readonly number[], metric: string) {
  if (!isDistance(metric)) return scale(values, height - bottom - 12, 30)
  const finite = values.filter((value) => value < exactDecibels)
  const below = finite.length === 0 ? null : scale(finite, height - bottom - 12, 62)
  const exact = { value: exactDecibels, at: 34 }
  return {
    of: (value: number) => (value >= exactDecibels || below === null ? exact.at : below.of(value)),
    ticks: [...(below?.ticks ?? []), exact],
  }
}

function scale(values: readonly number[], from: number, to: number) {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const span = high - low || Math.abs(high) || 1
  const of = (value: number) => Math.round(10 * (from + ((value - low) / span) * (to - from))) / 10
  return { of, ticks: (low === high ? [low] : [low, (low + high) / 2, high]).map((value) => ({ value, at: of(value) })) }
}
