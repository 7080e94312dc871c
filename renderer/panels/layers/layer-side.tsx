import { useStore } from 'zustand'
import type { Candidate, LayerRow } from '../../../core/api/report.ts'
import { keyOfRow, showLayerInGraph } from '../../actions/layer.ts'
import { startRun } from '../../actions/run.ts'
import { opClassOf } from '../../model-view/op-class.ts'
import { useGraphView, useVersion } from '../../resources/views.ts'
import { sourceId } from '../../stores/pipeline-edit.ts'
import { runStore } from '../../stores/run.ts'
import { isGoing } from '../../stores/run-state.ts'
import { sessionStore } from '../../stores/session.ts'
import { plain } from '../../ui/figures.ts'
import { KeepButtons } from '../inspector/sensitive-note.tsx'
import { kernelText, titleOfLayer } from './layer-rows.ts'

/** Of the row that is chosen in the table: what it asks of the machine, and what can be done about it. */
export function LayerSide({ candidate }: { candidate: Candidate }) {
  const chosen = useStore(sessionStore, ({ layer }) => layer)
  const row = candidate.layers.find((one) => one.kind === 'layer' && keyOfRow(one) === chosen)
  return row ? <Chosen row={row} /> : null
}

function Chosen({ row }: { row: LayerRow }) {
  const { title, place } = titleOfLayer(row.names)
  const refs = useHeavyNodes(row)
  const going = useStore(runStore, isGoing)
  return (
    <section className="exp layer-side" aria-label="Chosen layer">
      <div className="chosen-head">
        <span className="b ell">{title}</span>
        <span className="t3 sm grow nw">{place || row.role}</span>
        <button type="button" className="btn link sm" onClick={() => showLayerInGraph(row)}>
          In the graph
        </button>
      </div>
      <dl className="kv">
        <dt>Source</dt>
        <dd title={kernelText(row.kernels.baseline, 99)}>{kernelText(row.kernels.baseline, 3) || '–'}</dd>
        <dt>Candidate</dt>
        <dd title={kernelText(row.kernels.candidate, 99)}>{kernelText(row.kernels.candidate, 3) || 'none left'}</dd>
        {'cosine' in row.error && row.error.local !== null && (
          <>
            <dt>By itself</dt>
            <dd>
              {plain(row.error.local, 1)} <i className="u">dB, fed with the source's inputs</i>
            </dd>
          </>
        )}
        {row.cost && (
          <>
            <dt>Bound by</dt>
            <dd>
              {row.cost.bound}, {plain(row.cost.gflops, 1)} <i className="u">GFLOP/s</i>
            </dd>
          </>
        )}
      </dl>
      {'unavailable' in row.error && (
        <p className="sm t2">
          No error as deployed: {row.error.unavailable}.{row.error.simulated && ' What stands in parentheses is simulated in floats.'}
        </p>
      )}
      {row.cost && <p className="sm t2">{sentence(row.cost.advice)}</p>}
      {refs.length > 0 && (
        <>
          <KeepButtons refs={refs} />
          <button type="button" className="btn small" disabled={going} onClick={() => void startRun()}>
            Run again
          </button>
        </>
      )}
    </section>
  )
}

const sentence = (text: string): string => `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}.`

/** References of the row's nodes of the opened model that carry weights: what a precision pass could leave alone. */
function useHeavyNodes({ baseline }: LayerRow): readonly string[] {
  const view = useGraphView(useVersion(sourceId))
  if (view.state !== 'ready') return []
  const wanted = new Set(baseline)
  // What fusing takes up into other nodes (look-ups, biases) has no name of its own any more when a precision pass looks for it.
  const heavy = view.value.nodes.filter(
    ({ ref, weightBytes, opType }) => wanted.has(ref) && weightBytes > 0 && opClassOf(opType) === 'layer',
  )
  return heavy.map(({ ref }) => ref)
}
