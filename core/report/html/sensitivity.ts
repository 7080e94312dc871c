import { quantity } from '../../api/quantity.ts'
import type { Report } from '../../api/report.ts'
import { type Sensitivity, type SensitivityRow, type TrialError, untriedText } from '../../api/sensitivity.ts'
import { bytes } from './figures.ts'
import { html, type Markup } from './markup.ts'

/** What searches for a mixture of precisions found out about each layer. */
export function sensitivities({ stages }: Report): Markup {
  return html`${stages.map(({ id, sensitivity }) => (sensitivity === undefined ? '' : section(id, sensitivity)))}`
}

/** Layers that are shown: the report as data has all. */
const mostRows = 60

function section(stage: string, sensitivity: Sensitivity): Markup {
  const { rows, samples, metric, everything, front } = sensitivity
  const titles = ['weights alone', 'activations alone', 'this alone', 'cosine', 'all but this']
  const all = everything === null ? '' : ` All of them in low precision: ${decibels(everything)}.`
  return html`<section><h2>Sensitivity <span class="quiet">${stage}</span></h2><div class="pad"><p class="note">Signal to noise of the first output in decibels on ${quantity(samples, 'sample')}; the most sensitive layer comes first.${all}</p></div>
<div class="scroll" tabindex="0"><table><thead><tr><th>Layer</th><th>Chosen</th>${titles.map((title) => html`<th class="r">${title}</th>`)}${metric === null ? '' : html`<th class="r">${metric.name} (float ${metric.float.toFixed(4)})</th>`}</tr></thead>
<tbody>${rows.slice(0, mostRows).map((row) => rowOf(row, metric !== null))}</tbody></table></div>
<div class="pad"><p class="note">${untriedText(sensitivity) ?? ''} ${frontText(front)}</p></div></section>`
}

function rowOf(
  { nodes, precision, chosen, alone, allOthers, weightsAlone, activationsAlone }: SensitivityRow,
  withMetric: boolean,
): Markup {
  const cells = [decibels(weightsAlone), decibels(activationsAlone), decibels(alone), alone === null ? '' : alone.cosine.toFixed(5)]
  cells.push(decibels(allOthers), ...(withMetric ? [alone?.metric?.toFixed(4) ?? ''] : []))
  return html`<tr><td class="mono">${nodes.join(', ')}</td><td>${chosen === precision ? chosen : html`<b>${chosen}</b>`}</td>${cells.map((cell) => html`<td class="r">${cell}</td>`)}</tr>`
}

const decibels = (trial: TrialError | null): string => (trial === null ? '–' : trial.sqnrDb === null ? 'equal' : trial.sqnrDb.toFixed(1))

function frontText(front: Sensitivity['front']): string {
  const points = front.map(({ bytes: size, sqnrDb, chosen }) => {
    const text = `${bytes(size)} at ${sqnrDb === null ? 'no loss' : `${sqnrDb.toFixed(1)} dB`}`
    return chosen ? `${text} (chosen)` : text
  })
  return `Estimated front of what the weights take against what is lost: ${points.join(', ')}.`
}
