import { useEffect, useRef } from 'react'
import { useStore } from 'zustand'
import type { LayerRow } from '../../../core/api/report.ts'
import { chooseLayer, keyOfRow, showLayerInGraph } from '../../actions/layer.ts'
import { viewStore } from '../../model-view/view-store.ts'
import { sessionStore } from '../../stores/session.ts'
import { CutWithin } from '../../ui/cut-within.tsx'
import { plain, three } from '../../ui/figures.ts'
import { Icon } from '../../ui/icon.tsx'
import { cosineOf, kernelText, type NumberedRow, readingOf, simulatedOf, sqnrOf, titleOfLayer } from './layer-rows.ts'
import { RowVerdict } from './row-verdict.tsx'
import { intervalText, TimeBars } from './time-bars.tsx'

/** Below this the layer's values have lost more than the eye forgives: 25 dB is about 6 % of the signal. */
const lowSqnr = 25

export function LayerLine({ numbered: { number, row }, longest, first }: { numbered: NumberedRow; longest: number; first: boolean }) {
  const chosen = useStore(sessionStore, ({ layer }) => layer === keyOfRow(row))
  const line = useRef<HTMLTableRowElement>(null)
  useEffect(() => {
    if (chosen) line.current?.scrollIntoView({ block: 'nearest' })
  }, [chosen])
  const sensitive = useStore(viewStore, ({ findings, index }) =>
    [...findings.sensitive.keys()].some((node) => row.layers.includes(index?.nodes.get(node)?.layer ?? '')),
  )
  const before = readingOf(row.latencyMs.baseline)
  const measured = readingOf(row.latencyMs.candidate)
  // What has no kernels any more takes no time; a zero would look like a figure that was taken.
  const after = measured === 0 && row.kernels.candidate.length === 0 ? null : measured
  const sqnr = sqnrOf(row)
  const { title, place, more } = titleOfLayer(row.names)
  const cosine = cosineOf(row)
  const changed = row.kernels.baseline.join() !== row.kernels.candidate.join()
  return (
    <tr
      ref={line}
      className={`${first ? 'first' : ''} ${chosen ? 'sel' : ''}`}
      onClick={() => chooseLayer(row)}
      onDoubleClick={() => showLayerInGraph(row)}
    >
      <td className="idx">{number}</td>
      <td>
        <button
          type="button"
          className="layer-name"
          aria-pressed={chosen}
          title={`${row.names.join(', ')}: ${row.role}\nDouble-click shows it in the graph`}
        >
          <CutWithin text={title} />
          {more > 0 && <span className="t3 sm nw">+{more}</span>}
          <span className="t3 sm nw">{place || row.role}</span>
          {sensitive && <Icon name="caution" className="caution" size={12} />}
        </button>
      </td>
      <td className="k of-source" title={kernelText(row.kernels.baseline, 99)}>
        {kernelText(row.kernels.baseline)}
      </td>
      <td className="k" title={kernelText(row.kernels.candidate, 99)}>
        {row.kernels.candidate.length === 0 ? 'none left' : changed ? kernelText(row.kernels.candidate) : 'unchanged'}
      </td>
      <td className="bars">
        <TimeBars times={row.latencyMs} before={before} after={after} longest={longest} />
      </td>
      <Time value={before} times={row.latencyMs} side="baseline" />
      <Time value={after} times={row.latencyMs} side="candidate" />
      <td>
        <RowVerdict row={row} />
      </td>
      <td
        className={`r ${sqnr !== null && sqnr < lowSqnr ? 'low' : ''}`}
        title={'unavailable' in row.error ? row.error.unavailable : undefined}
      >
        {sqnr === null ? <Simulated row={row} figure={({ sqnrDb }) => decibels(sqnrDb)} /> : decibels(sqnr)}
      </td>
      <td className="r cosine">{cosine === null ? <Simulated row={row} figure={({ cosine }) => plain(cosine, 4)} /> : plain(cosine, 4)}</td>
      <td className="r t2 of-source-size">{row.sizeBytes.baseline === 0 ? '–' : plain(row.sizeBytes.baseline / 1000, 1)}</td>
      <td className="r">{row.sizeBytes.candidate === 0 ? '–' : plain(row.sizeBytes.candidate / 1000, 1)}</td>
    </tr>
  )
}

const decibels = (value: number | null): string => (value === null || value === Number.POSITIVE_INFINITY ? 'exact' : plain(value, 1))

/** In parentheses and quiet: a hint, not what is deployed. */
function Simulated({ row, figure }: { row: LayerRow; figure: (of: NonNullable<ReturnType<typeof simulatedOf>>) => string }) {
  const found = simulatedOf(row)
  if (!found || !('unavailable' in row.error)) return <>–</>
  return (
    <span className="t3" title={`${row.error.unavailable}: simulated in floats, as the candidate is written`}>
      ({figure(found)})
    </span>
  )
}

function Time({ value, times, side }: { value: number | null; times: LayerRow['latencyMs']; side: 'baseline' | 'candidate' }) {
  const reading = times[side]
  return (
    <td className="r" title={typeof reading === 'number' ? intervalText(times, side) : reading.unavailable}>
      {value === null ? '–' : three(value)}
    </td>
  )
}
