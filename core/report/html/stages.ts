import { quantity } from '../../api/quantity.ts'
import type { Report, StageReport, Verification } from '../../api/report.ts'
import { bytes, count } from './figures.ts'
import { html, type Markup } from './markup.ts'

/** What every stage did, and how it was checked. */
export function stageTable({ stages }: Report): Markup {
  if (stages.length === 0) return html``
  return html`<section><h2>Stages</h2><div class="scroll" tabindex="0"><table><thead><tr><th>Stage</th><th class="wide">Pass</th><th>What it did</th>
<th class="r">Nodes</th><th class="r wide">Bytes</th><th class="r wide">Time</th><th>Check</th></tr></thead><tbody>${stages.map(stageRow)}</tbody></table></div></section>`
}

function stageRow(stage: StageReport): Markup {
  const { nodes, bytes: size } = stage
  return html`<tr><td>${stage.id}</td><td class="mono wide">${stage.pass}</td><td>${changesOf(stage)}${stage.notes.map((note) => html`<div class="small">${note}</div>`)}</td>
<td class="r">${arrow(nodes, count)}</td><td class="r wide">${arrow(size, bytes)}</td>
<td class="r wide">${stage.cached ? html`<span class="quiet">remembered</span>` : `${count(Math.round(stage.ms))} ms`}</td><td>${checkOf(stage.verification)}</td></tr>`
}

function changesOf({ changes, changed }: StageReport): Markup {
  if (changes.length === 0) return html`<span class="quiet">${changed ? 'changed attributes or weights' : 'nothing to change'}</span>`
  return html`${changes.map((change, at) => html`${at > 0 ? ', ' : ''}<span class="nw">${change.count} × <span class="mono">${change.rule}</span></span>`)}`
}

function arrow({ before, after }: { before: number; after: number }, show: (value: number) => string): string {
  return before === after ? show(after) : `${show(before)} → ${show(after)}`
}

function checkOf(verification: Verification): Markup {
  const { verdict, maxAbs, samples, reason, firstDiverging } = verification
  const figures =
    maxAbs === null ? '' : `largest difference ${maxAbs === 0 ? '0' : maxAbs.toExponential(1)}, ${quantity(samples, 'sample')}`
  const why = [figures, reason, firstDiverging === undefined ? undefined : `first at ${firstDiverging}`].filter(Boolean).join('; ')
  const mark = { passed: ['better', '✓'], rejected: ['worse', '✕'], reported: ['', ''], skipped: ['quiet', ''] }[verdict] ?? ['', '']
  return html`<span class="${mark[0]}">${mark[1]} ${verdict}</span>${why === '' ? '' : html`<div class="small">${why}</div>`}`
}
