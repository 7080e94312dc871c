import { useState } from 'react'
import { useStore } from 'zustand'
import { besideEachOther } from '../../../core/api/beside-each-other.ts'
import { metricText } from '../../../core/api/metric.ts'
import type { Candidate } from '../../../core/api/report.ts'
import { exportStore, openExport } from '../../actions/export.ts'
import { letterOf, useCandidate } from '../../frame/candidate-figures.tsx'
import { keys } from '../../frame/keys.ts'
import { runStore } from '../../stores/run.ts'
import { sessionStore } from '../../stores/session.ts'
import { plain, three } from '../../ui/figures.ts'
import { FromTo } from '../../ui/glyph.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Pick } from '../../ui/pick.tsx'
import { Verification } from '../export/verification.tsx'
import { LayerSide } from '../layers/layer-side.tsx'
import { BytesSide } from './bytes-side.tsx'
import { ChangesOf } from './changes-of.tsx'
import { CostsOf } from './costs-of.tsx'
import { frontOf, type Measure, pointsOf } from './points.ts'
import { qualityOf, whyNoChart } from './quality-told.ts'
import { Scatter } from './scatter.tsx'
import { Unusable } from './unusable.tsx'
import './candidates.css'

/** Beside the tables: where the candidates stand, the chosen one, and its export. */
export function CandidatesSide() {
  const candidates = useStore(runStore, ({ candidates }) => candidates)
  const candidate = useCandidate()
  const [measure, setMeasure] = useState<Measure>('latency')
  // The tab of the candidates has the chart in the large.
  const withChart = useStore(sessionStore, ({ tab }) => tab !== 'Candidates')
  const points = pointsOf(candidates, measure)
  const quality = qualityOf(candidates)
  return (
    <aside className="col panel side" aria-label="Candidates">
      <div className="head">
        <h2 className="grow">Candidates</h2>
        {withChart && (
          <Pick
            label={`${quality.column} by`}
            value={measure}
            choices={[
              { id: 'latency', title: 'latency' },
              { id: 'size', title: 'size' },
            ]}
            onPick={(id) => setMeasure(id as Measure)}
          />
        )}
      </div>
      <div className="scroll grow">
        {!withChart ? null : points.length > 1 ? (
          <div className="small-chart">
            <Scatter points={points} measure={measure} quality={quality} frame={{ width: 306, height: 250 }} />
          </div>
        ) : (
          <p className="t2 pad">{whyNoChart(candidates, measure)}</p>
        )}
        {candidates.length > 1 && <Front candidates={candidates} measure={measure} />}
        {candidate && withChart && <LayerSide candidate={candidate} />}
        {candidate && <Chosen candidate={candidate} letter={letterOf(candidates, candidate.id)} />}
        {candidate && <BytesSide candidate={candidate} />}
        {candidate && <ChangesOf candidate={candidate} />}
      </div>
    </aside>
  )
}

function Front({ candidates, measure }: { candidates: readonly Candidate[]; measure: Measure }) {
  const chosen = useCandidate()
  const times = besideEachOther(candidates)
  const rows = frontOf(pointsOf(candidates, measure)).flatMap(({ id }) => candidates.find((one) => one.id === id) ?? [])
  if (rows.length === 0) return null
  return (
    <div className="exp">
      <table className="F">
        <thead>
          <tr>
            <th>On the front</th>
            <th>ms</th>
            <th>MB</th>
            <th>{qualityOf(candidates).column}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ id, sizeBytes, accuracy }) => (
            <tr key={id} className={id === chosen?.id ? 'on' : ''}>
              <td>
                <span className="tagA acc">{letterOf(candidates, id)}</span> {id}
              </td>
              <td>{times.has(id) ? three(times.get(id)!) : '–'}</td>
              <td>{plain(sizeBytes.candidate / 1e6, 1)}</td>
              <td>{'metric' in accuracy ? metricText(accuracy.metric, accuracy.candidate, 3) : '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Chosen({ candidate, letter }: { candidate: Candidate; letter: string }) {
  const exported = useStore(exportStore, ({ exported }) => exported)
  const { id, path, sizeBytes, nodes } = candidate
  return (
    <>
      <div className="exp">
        <div className="chosen-head">
          <span className="tagA acc">{letter}</span>
          <span className="b grow ell">{id}</span>
          <span className="t3 sm">chosen</span>
        </div>
        <Unusable candidate={candidate} />
        <dl className="kv">
          <dt>Path</dt>
          <dd title={path.join(', ')}>{path.join(', ')}</dd>
          <dt>Size</dt>
          <dd>
            {plain(sizeBytes.candidate)} <i className="u">bytes</i>
          </dd>
          <dt>Nodes</dt>
          <dd>
            <FromTo from={plain(nodes.baseline)} to={plain(nodes.candidate)} />
          </dd>
        </dl>
      </div>
      <div className="exp">
        {exported && <Verification exported={exported} />}
        <button type="button" className="btn go export-button" onClick={openExport}>
          <Icon name="out" />
          Export {letter}{' '}
          <kbd>
            {keys.command}
            {keys.shift}E
          </kbd>
        </button>
        <p className="sm t3">The written file is run against the source before you get it.</p>
      </div>
      <div className="exp">
        <dl className="kv" aria-label="Costs of a run">
          <CostsOf candidate={candidate} />
        </dl>
      </div>
    </>
  )
}
