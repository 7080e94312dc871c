import { basename } from '../../api/file-name.ts'
import { whyUnusable } from '../../api/outcome.ts'
import { sentenceOf } from '../../api/problem.ts'
import { quantity } from '../../api/quantity.ts'
import type { Candidate, Report } from '../../api/report.ts'
import { candidateOverview } from './candidates.ts'
import { graphDiff } from './changes.ts'
import { bytes, milliseconds } from './figures.ts'
import { headline, modelFacts } from './headline.ts'
import { layerTable } from './layers.ts'
import { html, Markup } from './markup.ts'
import { sensitivities } from './sensitivity.ts'
import { stageTable } from './stages.ts'
import { storageBars } from './storage.ts'
import { style } from './style.ts'

/** The report as one self-contained HTML page: nothing is loaded, no script runs, and all text of the model is escaped. */
export function reportPage(report: Report): string {
  const name = basename(report.baseline.path)
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>Lathe: ${report.pipeline} on ${name}</title><style>${new Markup(style)}</style></head>
<body><main><header><h1>${report.pipeline} <span class="quiet">on</span> ${name}</h1><span class="facts">${modelFacts(report)}</span></header>
${report.notes.length > 0 ? html`<section><div class="pad">${report.notes.map(note)}</div></section>` : ''}
${candidateOverview(report.candidates)}
${report.candidates.map((candidate) => candidateSection(candidate, report.candidates.length > 1))}
${stageTable(report)}${sensitivities(report)}${conditions(report)}${repeat(report)}
<footer>Lathe ${report.lathe}, ${report.date}</footer></main></body></html>
`.text
}

const note = (text: string): Markup => html`<p class="note">${text}</p>`

function candidateSection(candidate: Candidate, several: boolean): Markup {
  const { problem, file } = candidate
  const warning = problem === undefined ? whyUnusable(candidate) : sentenceOf(problem)
  return html`<section id="candidate-${candidate.id}"><h2>${several ? html`<span class="tag">${candidate.id}</span> ` : ''}<span class="path">source${candidate.path.map((stage) => ` › ${stage}`)}</span>
${file === null ? '' : html` <span class="mono quiet">${file}</span>`}</h2>
${warning === null ? '' : html`<div class="pad"><p class="note bad">${warning}</p></div>`}
<div class="pad"></div>${headline(candidate)}${layerTable(candidate)}${storageBars(candidate)}${graphDiff(candidate)}</section>`
}

function conditions({ machine, protocol, data, preparation, target }: Report): Markup {
  const facts: [string, string][] = [
    ['Processor', `${machine.cpu}, ${machine.cores} cores, ${bytes(machine.memoryBytes)}`],
    ['Instructions', instructionsOf(machine)],
    ['Runtime', `${machine.runtime.name} ${machine.runtime.version} (${machine.runtime.providers.join(', ')})`],
    ['System', `${machine.platform} ${machine.arch}, Node ${machine.node}, load ${machine.load.toFixed(2)} when it began`],
    ['Target', target],
    ['Data', data],
  ]
  if (preparation !== null && preparation.ms > 0)
    facts.push(['Preparation', `${milliseconds(preparation.ms)} ms for ${quantity(preparation.samples, 'sample')}, which is in no latency`])
  if (protocol !== null) {
    const options = Object.entries(protocol.sessionOptions).map(([name, value]) => `${name}=${value}`)
    facts.push(
      [
        'Timing',
        `${quantity(protocol.rounds, 'round')} after ${quantity(protocol.warmup, 'warm-up run')}, batch ${protocol.batch}, ${quantity(protocol.threads, 'thread')}, ${protocol.provider}, level ${protocol.level}`,
      ],
      ['Order', `${protocol.order}, seed ${protocol.seed}`],
      ['Session', options.length === 0 ? 'as deployed' : options.join(', ')],
      ['Inputs', protocol.inputs],
    )
  }
  return html`<section><h2>Machine and protocol</h2><div class="pad"><dl class="kv">${facts.map(([term, text]) => html`<dt>${term}</dt><dd>${text}</dd>`)}</dl></div></section>`
}

/** What the runtime's own kernel made of the largest products there are stands beside the instructions: it is what decides. */
function instructionsOf({ features, int8DotProduct }: Report['machine']): string {
  const list = features.length === 0 ? 'none detected' : features.join(', ')
  const worst = 'worst case of 64 products of 255 and 127'
  return `${list}; ${int8DotProduct ? `8-bit dot products accumulate in 32 bits (${worst}: exact)` : `no 8-bit dot product: plain u8 x s8 sums can saturate in 16 bits (${worst}: saturated)`}`
}

function repeat({ commands }: Report): Markup {
  if (commands.length === 0) return html``
  return html`<section><h2>To repeat</h2><div class="pad"><pre>${commands.join('\n')}</pre></div></section>`
}
