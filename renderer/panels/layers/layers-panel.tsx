import { useEffect, useMemo, useState } from 'react'
import { useStore } from 'zustand'
import type { Candidate, LayerRow } from '../../../core/api/report.ts'
import { takeOverSelection } from '../../actions/layer.ts'
import { cancelRun, startRun } from '../../actions/run.ts'
import { letterOf, useCandidate } from '../../frame/candidate-figures.tsx'
import { RunProblem } from '../../frame/run-problem.tsx'
import { runStore } from '../../stores/run.ts'
import { isGoing } from '../../stores/run-state.ts'
import { Empty, Loading } from '../../ui/empty.tsx'
import { Glyph } from '../../ui/glyph.tsx'
import { Icon } from '../../ui/icon.tsx'
import { FootLine, SumLine } from './foot-lines.tsx'
import { Headlines } from './headlines.tsx'
import { LayerLine } from './layer-line.tsx'
import { type Column, filtered, type NumberedRow, sorted, splitRows, titleOfLayer } from './layer-rows.ts'
import { layerView } from './layer-view.ts'
import { longestOf, TimeAxis } from './time-bars.tsx'
import './layers.css'

/** Every layer of both versions: kernels, time, error, size; and at the foot why the sum is not the whole. */
export function LayersPanel() {
  const candidate = useCandidate()
  const status = useStore(runStore, ({ status }) => status)
  const problem = useStore(runStore, ({ problem }) => problem)
  const going = useStore(runStore, isGoing)
  if (candidate) return <LayersOf candidate={candidate} />
  if (going)
    return (
      <>
        <Loading what="Running: layers are listed as soon as a candidate is measured." />
        <p className="empty-act">
          <button type="button" className="btn" onClick={() => void cancelRun()}>
            Cancel
          </button>
        </p>
      </>
    )
  if (status === 'failed' && problem)
    return (
      <div className="empty">
        <RunProblem problem={problem} />
      </div>
    )
  return (
    <Empty icon="run" title="Nothing has been measured yet">
      <p>Run the pipeline: each layer's time, error and size then stand here, before and after.</p>
      <button type="button" className="btn go" onClick={() => void startRun()}>
        <Icon name="run" /> Run
      </button>
    </Empty>
  )
}

function LayersOf({ candidate }: { candidate: Candidate }) {
  const [order, setOrder] = useState<{ readonly column: Column; readonly down: boolean }>({ column: 'order', down: false })
  const { filter, search } = useStore(layerView)
  const candidates = useStore(runStore, ({ candidates }) => candidates)
  const { body, foot } = useMemo(() => splitRows(candidate), [candidate])
  const rows = useMemo(() => sorted(filtered(body, filter, search), order.column, order.down), [body, filter, search, order])
  const longest = longestOf(body.map(({ row }) => row.latencyMs))
  const letter = letterOf(candidates, candidate.id)
  const unmeasured = body.length === 0
  useEffect(() => takeOverSelection(candidate.layers), [candidate])
  return (
    <>
      <Headlines candidate={candidate} />
      {unmeasured && <Unmeasured candidate={candidate} />}
      <div className="tbl" hidden={unmeasured}>
        <table className="L">
          <Columns />
          <Head
            order={order}
            letter={letter}
            longest={longest}
            onSort={(column) => setOrder({ column, down: order.column === column && !order.down })}
          />
          <tbody>
            {rows.map((one, position) => (
              <LayerLine
                key={one.number}
                numbered={one}
                longest={longest}
                first={order.column === 'order' && startsBlock(rows, position)}
              />
            ))}
            {rows.length === 0 && (
              <tr>
                <td colSpan={12} className="t2">
                  No layer fits “{search || filter}”.
                </td>
              </tr>
            )}
          </tbody>
          <tfoot>
            <SumLine rows={body.map(({ row }) => row)} />
            {foot.map((row) => (
              <FootLine key={row.kind} row={row} candidate={candidate} />
            ))}
          </tfoot>
        </table>
      </div>
    </>
  )
}

/** The candidate was made, and could not be measured. */
function Unmeasured({ candidate: { latencyMs, problem: broken, unmeasured } }: { candidate: Candidate }) {
  const problem = broken ?? unmeasured
  if (problem)
    return (
      <div className="empty">
        <RunProblem problem={problem} />
      </div>
    )
  return (
    <Empty icon="caution" title="No layer was measured">
      <p>{'unavailable' in latencyMs ? latencyMs.unavailable : 'The runtime told no times of single kernels.'}</p>
      <button type="button" className="btn" onClick={() => void startRun()}>
        Run again
      </button>
    </Empty>
  )
}

/** A rule between repeated blocks: where the number in the name changes. */
function startsBlock(rows: readonly NumberedRow[], position: number): boolean {
  const blockOf = (row: LayerRow) => titleOfLayer(row.names).place
  const before = rows[position - 1]
  return before !== undefined && blockOf(before.row) !== blockOf(rows[position]!.row)
}

const widths = ['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7', 'c8', 'c9', 'c10', 'c11']

const Columns = () => (
  <colgroup>
    {widths.map((name) => (
      <col key={name} className={name} />
    ))}
  </colgroup>
)

function Head({
  order,
  letter,
  longest,
  onSort,
}: {
  order: { readonly column: Column; readonly down: boolean }
  letter: string
  longest: number
  onSort: (column: Column) => void
}) {
  const title = (column: Column, text: string, className = '') => (
    <th className={className} aria-sort={order.column === column ? (order.down ? 'descending' : 'ascending') : 'none'}>
      <button type="button" onClick={() => onSort(column)}>
        {text}
        {order.column === column && column !== 'order' && (
          <span className="acc">
            {' '}
            <Glyph name={order.down ? 'less' : 'more'} />
          </span>
        )}
      </button>
    </th>
  )
  return (
    <thead>
      <tr>
        {title('order', '#', 'r')}
        {title('layer', 'Layer')}
        <th className="k of-source">Kernels, source</th>
        <th className="k">Kernels, {letter}</th>
        <th className="bars">
          <TimeAxis longest={longest} />
        </th>
        {title('source', 'Source', 'r')}
        {title('candidate', letter, 'r')}
        {title('verdict', 'Latency verdict')}
        {title('sqnr', 'SQNR, dB', 'r')}
        {title('cosine', 'Cosine', 'r cosine')}
        {title('sizeBefore', 'Size, kB', 'r of-source-size')}
        {title('sizeAfter', letter, 'r size-after')}
      </tr>
    </thead>
  )
}
