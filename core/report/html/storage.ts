import type { Storage } from '../../api/measurement.ts'
import type { Candidate } from '../../api/report.ts'
import { bytes, change } from './figures.ts'
import { html, type Markup } from './markup.ts'

/** What the bytes of both versions are: bars by element type on one scale, and what gzip leaves. */
export function storageBars({ storage: { baseline, candidate }, energyJoules }: Candidate): Markup {
  const types = [...new Set([...sorted(baseline), ...sorted(candidate)].map(([type]) => type))]
  const longest = Math.max(total(baseline), total(candidate), 1)
  const shade = (type: string) =>
    type === graph ? 'shade-graph' : `shade-${types.filter((each) => each !== graph).indexOf(type) % shades}`
  const row = (name: string, of: Storage) =>
    html`<dt>${name}</dt><dd><div class="stack" role="img" aria-label="${partsText(of)}">${sorted(of).map(
      ([type, size]) => html`<span class="${shade(type)}" style="width:${((100 * size) / longest).toFixed(2)}%"></span>`,
    )}</div><span class="small">${sorted(of).map(([type, size]) => html`<span class="nw"><i class="${shade(type)}"></i>${type} ${bytes(size)}</span> `)}</span></dd>`
  return html`<div class="pad"><h3>Where the bytes go</h3><dl class="kv storage">${row('Source', baseline)}${row('Candidate', candidate)}
<dt>Gzipped</dt><dd>${gzip(baseline, candidate)}</dd><dt>Energy of a run</dt><dd>${energy(energyJoules)}</dd></dl></div>`
}

const graph = 'graph'
const shades = 5

/** Element types and the graph, the largest first. */
const sorted = ({ byType, graph: rest }: Storage): (readonly [string, number])[] =>
  [...Object.entries(byType), [graph, rest] as const].sort(([, a], [, b]) => b - a)

const total = (storage: Storage): number => sorted(storage).reduce((sum, [, size]) => sum + size, 0)

const partsText = (storage: Storage): string =>
  sorted(storage)
    .map(([type, size]) => `${type} ${bytes(size)}`)
    .join(', ')

function gzip({ gzip: before }: Storage, { gzip: after }: Storage): Markup {
  const missing = 'unavailable' in before ? before : 'unavailable' in after ? after : null
  if (missing !== null) return html`<span class="quiet">${missing.unavailable}</span>`
  const [from, to] = [before, after] as [{ bytes: number; estimated: boolean }, { bytes: number; estimated: boolean }]
  const estimated = from.estimated || to.estimated ? html` <span class="quiet">estimated from parts</span>` : ''
  return html`${bytes(from.bytes)} › <b>${bytes(to.bytes)}</b> <span class="quiet">${change(from.bytes, to.bytes)}</span>${estimated}`
}

function energy(found: Candidate['energyJoules']): Markup {
  if ('unavailable' in found) return html`<span class="quiet">not measured: ${found.unavailable}</span>`
  const text = (joules: number) => `${(1000 * joules).toPrecision(3)} mJ`
  const more = `${change(found.baseline, found.candidate)}, all that the processor packages took`
  return html`${text(found.baseline)} › <b>${text(found.candidate)}</b> <span class="quiet">${more}</span>`
}
