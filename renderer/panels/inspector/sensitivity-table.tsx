import { useState } from 'react'
import { useStore } from 'zustand'
import { metricText, metricTitle } from '../../../core/api/metric.ts'
import { type Sensitivity, type SensitivityRow, type TrialError, untriedText } from '../../../core/api/sensitivity.ts'
import { goTo } from '../../model-view/model-tools.tsx'
import { viewStore } from '../../model-view/view-store.ts'
import { plain } from '../../ui/figures.ts'
import { Section } from '../../ui/section.tsx'
import { titleOfLayer } from '../layers/layer-rows.ts'
import './sensitivity.css'

/** Units that are listed before the rest is asked for. */
const mostRows = 12

/** What a search for a mixture of precisions found out of each unit of layers: the one that loses most comes first. */
export function SensitivityTable({ sensitivity }: { sensitivity: Sensitivity }) {
  const { rows, samples, everything, metric } = sensitivity
  const untried = untriedText(sensitivity)
  const [all, setAll] = useState(false)
  const shown = all ? rows : rows.slice(0, mostRows)
  return (
    <Section title="Sensitivity" note={`${rows.length} layers`}>
      <p className="sm t2">
        Signal to noise of the first output, dB, on {plain(samples)} {samples === 1 ? 'sample' : 'samples'}. All in low precision:{' '}
        <b>{decibels(everything)}</b>
        {everything && `, cosine ${plain(everything.cosine, 4)}`}.
        {metric &&
          everything?.metric !== undefined &&
          ` ${metricTitle(metric.name)} ${metricText(metric.name, metric.float, 3)} in float, ${metricText(metric.name, everything.metric, 3)} then.`}
      </p>
      <div className="sensitivity">
        <table>
          <thead>
            <tr>
              <th>Layer</th>
              <th title="This layer alone in low precision">alone</th>
              <th title="All layers in low precision but this one">all but it</th>
              <th title="Its weights alone rounded">weights</th>
              <th title="Its activations alone rounded">activ.</th>
            </tr>
          </thead>
          {shown.map((row) => (
            <Unit key={row.nodes.join('|')} row={row} />
          ))}
        </table>
      </div>
      {untried && <p className="sm t2">{untried}</p>}
      {shown.length < rows.length && (
        <button type="button" className="btn quiet small underlined" onClick={() => setAll(true)}>
          Show all {rows.length}
        </button>
      )}
    </Section>
  )
}

function Unit({ row }: { row: SensitivityRow }) {
  const { nodes, chosen, precision, alone, allOthers, weightsAlone, activationsAlone, milliseconds } = row
  const { title, place, more } = titleOfLayer(nodes)
  const id = useStore(viewStore, ({ index }) => idOf(index?.nodes.values() ?? [], nodes))
  const name = [place, title, more > 0 ? `+${more}` : ''].filter((part) => part !== '').join(' ')
  const told = [
    ...nodes,
    `stays in ${chosen}`,
    ...(alone ? [`alone: cosine ${plain(alone.cosine, 5)}`] : []),
    ...(milliseconds === undefined ? [] : [`${precision} takes ${plain(milliseconds, 3)} ms more a run`]),
  ]
  return (
    <tbody>
      <tr>
        <td className="ell" colSpan={5} title={told.join('\n')}>
          {id === null ? (
            <span className="mono">{name}</span>
          ) : (
            <button type="button" className="btn link sm mono ell" onClick={() => goTo(id)}>
              {name}
            </button>
          )}
        </td>
      </tr>
      <tr>
        <td className={chosen === precision ? 't2' : 'b'}>{chosen}</td>
        {[alone, allOthers, weightsAlone, activationsAlone].map((trial, column) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: columns do not move
          <td key={column} title={trial ? `cosine ${plain(trial.cosine, 5)}` : undefined}>
            {decibels(trial)}
          </td>
        ))}
      </tr>
    </tbody>
  )
}

const decibels = (trial: TrialError | null): string => (trial === null ? '–' : trial.sqnrDb === null ? 'equal' : plain(trial.sqnrDb, 1))

/** The first of the nodes that the drawing has: references are of the version that the search was given. */
function idOf(nodes: Iterable<{ readonly id: string; readonly ref: string }>, refs: readonly string[]): string | null {
  for (const { id, ref } of nodes) if (refs.includes(ref)) return id
  return null
}
