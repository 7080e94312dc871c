import type { Candidate, GraphChanges } from '../../api/report.ts'
import { count } from './figures.ts'
import { html, type Markup } from './markup.ts'

type Group = GraphChanges['groups'][number]

const glyphs: Readonly<Record<Group['kind'], readonly [glyph: string, words: string]>> = {
  fused: ['⋈', 'fused'],
  changed: ['~', 'changed'],
  added: ['+', 'added'],
  removed: ['−', 'removed'],
}

/** What became of the graph: operators before and after as boxes, alike changes once, the most frequent first. */
export function graphDiff({ changes: { summary, groups, more } }: Candidate): Markup {
  if (groups.length === 0) return html``
  const { same, changed, fused, added, removed } = summary
  return html`<div class="pad"><h3>What changed in the graph</h3><p class="small">${count(same)} nodes stayed, ${count(changed)} changed, ${count(fused)} stand for several, ${count(added)} are new, ${count(removed)} are gone</p></div>
<ul class="diff">${groups.map(group)}</ul>${more > 0 ? html`<p class="small pad">and ${more} more kinds of change</p>` : ''}`
}

function group({ kind, before, after, why, count: times, example }: Group): Markup {
  const [glyph, words] = glyphs[kind]
  return html`<li><span class="times">${times} ×</span><span class="boxes">${before.map((operator) => box(operator, kind === 'removed' ? 'gone' : ''))}<span class="arrow ${kind}" title="${words}">${glyph} ${words}</span>${after.map((operator) => box(operator, kind === 'added' ? 'new' : kind))}</span>
<span class="small why">${reason(why)}${times > 1 ? ', such as' : ' at'} <span class="mono">${example}</span></span></li>`
}

/** Rules by their ids, or a sentence. */
function reason(why: string): Markup {
  const ids = /^[a-z\d]+(-[a-z\d]+)+(, [a-z\d]+(-[a-z\d]+)+)*$/.test(why)
  return ids ? html`<span class="mono">${why}</span>` : html`${why.replace(/\.$/, '')}`
}

const box = (operator: string, kind: string): Markup => html`<span class="box ${kind}">${operator}</span>`
