import type { Latency } from '../../api/measurement.ts'
import { isDistance, metricFigure, metricTitle } from '../../api/metric.ts'
import { quantity } from '../../api/quantity.ts'
import type { Candidate, Report } from '../../api/report.ts'
import { bytes, change, count, decimal, latencyVerdict, milliseconds, verdictMark } from './figures.ts'
import { html, type Markup } from './markup.ts'

/** The four figures that a candidate is judged by. */
export function headline(candidate: Candidate): Markup {
  return html`<div class="heads">${[latency(candidate), size(candidate), accuracy(candidate), memory(candidate)]}</div>`
}

interface Figure {
  readonly caption: string
  /** `null` of figures that are of the candidate alone. */
  readonly from: string | null
  readonly to: string
  readonly unit: string
  readonly verdict: Markup
  readonly more: string
}

function figure({ caption, from, to, unit, verdict, more }: Figure): Markup {
  return html`<div><div class="small">${caption}</div>
<div class="value">${from === null ? html`` : html`<s>${from}</s><span class="quiet" aria-label="becomes">›</span>`}<b>${to}</b><span class="unit">${unit}</span>${verdict}</div>
<div class="small">${more}</div></div>`
}

function missing(caption: string, reason: string): Markup {
  return html`<div><div class="small">${caption}</div><div class="value quiet">not measured</div><div class="small">${reason}</div></div>`
}

function latency({ latencyMs }: Candidate): Markup {
  const caption = 'Latency, median'
  if ('unavailable' in latencyMs) return missing(caption, latencyMs.unavailable)
  const { baseline, candidate, ratio, low, high, verdict, because } = latencyMs
  return figure({
    caption: `Latency, median of ${candidate.runs} interleaved runs`,
    from: milliseconds(baseline.median),
    to: milliseconds(candidate.median),
    unit: 'ms',
    verdict: latencyVerdict(verdict, 1, ratio),
    more: `95 %: ${decimal(low, 2)} to ${decimal(high, 2)} of the source's time${because === undefined ? '' : ` (${because})`}; p95 ${milliseconds(candidate.p95)} ms, p99 ${milliseconds(candidate.p99)} ms${startText(baseline, candidate)}`,
  })
}

function startText(before: Latency, { loadMs, firstRunMs }: Latency): string {
  if (before.loadMs === undefined || before.firstRunMs === undefined || loadMs === undefined || firstRunMs === undefined) return ''
  const pair = (from: number, to: number) => `${milliseconds(from)} › ${milliseconds(to)} ms`
  return `; loading ${pair(before.loadMs, loadMs)}, first run ${pair(before.firstRunMs, firstRunMs)}`
}

function size({ sizeBytes: { baseline, candidate }, nodes }: Candidate): Markup {
  const verdict = candidate < baseline ? 'better' : candidate > baseline ? 'worse' : 'no clear difference'
  return figure({
    caption: 'Size on disk',
    from: bytes(baseline),
    to: bytes(candidate),
    unit: '',
    verdict: verdictMark(verdict, change(baseline, candidate)),
    more: `${quantity(nodes.baseline, 'node')} became ${count(nodes.candidate)}`,
  })
}

function accuracy({ accuracy: found }: Candidate): Markup {
  if ('unavailable' in found) return missing('Accuracy', found.unavailable)
  const { metric, baseline, candidate, low, high, samples, verdict, judgedOn } = found
  if (isDistance(metric)) {
    const { value, unit } = metricFigure(metric, candidate, 4)
    const caption = `${metricTitle(metric)} against the source, ${quantity(samples, 'sample')}`
    return figure({ caption, from: null, to: value, unit, verdict: html``, more: judgedOn })
  }
  return figure({
    caption: `${metricTitle(metric)}, ${quantity(samples, 'sample')}`,
    from: decimal(baseline, 4),
    to: decimal(candidate, 4),
    unit: '',
    verdict: verdictMark(verdict),
    more: `difference 95 %: ${decimal(low, 4)} to ${decimal(high, 4)}; ${judgedOn}`,
  })
}

function memory({ peakMemoryBytes: found }: Candidate): Markup {
  if ('unavailable' in found) return missing('Peak memory', found.unavailable)
  const { baseline, candidate } = found
  const close = Math.abs(candidate / baseline - 1) < 0.05
  const verdict = close ? 'no clear difference' : candidate < baseline ? 'better' : 'worse'
  return figure({
    caption: 'Peak memory',
    from: bytes(baseline),
    to: bytes(candidate),
    unit: '',
    verdict: verdictMark(verdict, change(baseline, candidate)),
    more: 'resident, while loading and running',
  })
}

/** One line of facts about the opened model. */
export function modelFacts({ baseline }: Report): string {
  const opsets = Object.entries(baseline.opsets).map(([domain, version]) => `${domain === '' ? 'opset' : domain} ${version}`)
  return `${count(baseline.parameters)} parameters · ${bytes(baseline.bytes)} · ${count(baseline.nodes)} nodes · ${opsets.join(', ')}`
}
