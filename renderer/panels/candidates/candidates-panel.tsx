import { useElementSize } from '@mantine/hooks'
import { useState } from 'react'
import { useStore } from 'zustand'
import { besideEachOther } from '../../../core/api/beside-each-other.ts'
import { metricFigure } from '../../../core/api/metric.ts'
import type { Candidate } from '../../../core/api/report.ts'
import { letterOf } from '../../frame/candidate-figures.tsx'
import { RunProblem } from '../../frame/run-problem.tsx'
import { runStore } from '../../stores/run.ts'
import { isGoing } from '../../stores/run-state.ts'
import { sessionStore } from '../../stores/session.ts'
import { Empty, Loading } from '../../ui/empty.tsx'
import { bytes, plain, three } from '../../ui/figures.ts'
import { Icon } from '../../ui/icon.tsx'
import { Num } from '../../ui/number.tsx'
import { percentOf, VerdictText } from '../../ui/verdict.tsx'
import { type Measure, pointsOf } from './points.ts'
import { qualityOf, whyNoChart } from './quality-told.ts'
import { Scatter } from './scatter.tsx'
import { UnusableTag } from './unusable.tsx'
import './candidates.css'

/** All leaves of the pipeline against each other and the source. */
export function CandidatesPanel() {
  const candidates = useStore(runStore, ({ candidates }) => candidates)
  const problem = useStore(runStore, ({ problem }) => problem)
  const going = useStore(runStore, isGoing)
  if (candidates.length > 0) return <Compared candidates={candidates} />
  if (going) return <Loading what="Candidates appear here as they are measured." />
  if (problem)
    return (
      <div className="empty">
        <RunProblem problem={problem} />
      </div>
    )
  return (
    <Empty icon="run" title="No candidates yet">
      <p>Every leaf of the pipeline becomes a candidate. Branch the pipeline to compare several, then run it.</p>
    </Empty>
  )
}

function Compared({ candidates }: { candidates: readonly Candidate[] }) {
  const [measure, setMeasure] = useState<Measure>('latency')
  const { ref, width } = useElementSize()
  const points = pointsOf(candidates, measure)
  const quality = qualityOf(candidates)
  return (
    <div className="scroll grow candidates">
      {points.length > 1 ? (
        <>
          <div className="chart-head">
            <h2 className="b">{quality.title} over</h2>
            <span className="seg">
              {(['latency', 'size'] as const).map((one) => (
                <button key={one} type="button" aria-pressed={measure === one} onClick={() => setMeasure(one)}>
                  {one}
                </button>
              ))}
            </span>
            <Key />
          </div>
          <div ref={ref} className="chart">
            {width > 0 && <Scatter points={points} measure={measure} quality={quality} frame={{ width, height: 320 }} />}
          </div>
        </>
      ) : (
        <p className="t2 pad">{whyNoChart(candidates, measure)}</p>
      )}
      <Table candidates={candidates} />
    </div>
  )
}

const Key = () => (
  <ul className="chart-key">
    <li>
      <i className="front-dot" /> on the front
    </li>
    <li>
      <i className="dominated-dot" /> dominated
    </li>
    <li>
      <i className="source-dot" /> source
    </li>
  </ul>
)

/** What all candidates are measured against. */
function SourceRow({ of: { latencyMs, sizeBytes, nodes, accuracy, peakMemoryBytes } }: { of: Candidate }) {
  return (
    <tr className="t2">
      <td>source</td>
      <td>{'ratio' in latencyMs ? <Num figure={{ value: three(latencyMs.baseline.median), unit: 'ms' }} /> : '–'}</td>
      <td />
      <td>
        <Num figure={bytes(sizeBytes.baseline)} />
      </td>
      <td>{plain(nodes.baseline)}</td>
      <td>{'metric' in accuracy ? <Quality of={accuracy} value={accuracy.baseline} /> : '–'}</td>
      <td>{'candidate' in peakMemoryBytes ? <Num figure={bytes(peakMemoryBytes.baseline)} /> : '–'}</td>
    </tr>
  )
}

const Quality = ({ of: { metric }, value }: { of: { readonly metric: string }; value: number }) => (
  <Num figure={metricFigure(metric, value, 3)} />
)

/** What was read when a candidate was timed at another time than the first. */
const timedApart = ({ baseline, candidate }: Extract<Candidate['latencyMs'], { ratio: number }>, shown: number | undefined) =>
  shown === candidate.median
    ? undefined
    : `Timed by itself: ${three(candidate.median)} ms, with the source at ${three(baseline.median)} ms then. Shown at the source's time above.`

function Table({ candidates }: { candidates: readonly Candidate[] }) {
  const chosen = useStore(sessionStore, ({ candidate }) => candidate)
  const times = besideEachOther(candidates)
  return (
    <table className="F wide-table">
      <thead>
        <tr>
          <th>Candidate</th>
          <th>Latency</th>
          <th />
          <th>Size</th>
          <th>Nodes</th>
          <th>{qualityOf(candidates).column}</th>
          <th>Peak memory</th>
        </tr>
      </thead>
      <tbody>
        <SourceRow of={candidates[0]!} />
        {candidates.map((candidate) => {
          const { id, latencyMs, sizeBytes, nodes, accuracy, peakMemoryBytes, problem } = candidate
          return (
            <tr key={id} className={id === chosen ? 'on' : ''}>
              <td>
                <button type="button" onClick={() => sessionStore.setState({ candidate: id })}>
                  <span className="tagA acc">{letterOf(candidates, id)}</span> {id}
                </button>
                {problem && (
                  <span className="worse sm">
                    <Icon name="caution" size={11} /> {problem.what}
                  </span>
                )}{' '}
                <UnusableTag candidate={candidate} />
              </td>
              <td title={'unavailable' in latencyMs ? latencyMs.unavailable : timedApart(latencyMs, times.get(id))}>
                {times.has(id) ? <Num figure={{ value: three(times.get(id)!), unit: 'ms' }} /> : '–'}
              </td>
              <td>
                {'ratio' in latencyMs && (
                  <VerdictText
                    verdict={latencyMs.verdict}
                    because={latencyMs.because}
                    percent={percentOf(1, latencyMs.ratio)}
                    words={{ better: 'faster', worse: 'slower' }}
                  />
                )}
              </td>
              <td>
                <Num figure={bytes(sizeBytes.candidate)} />
              </td>
              <td>{plain(nodes.candidate)}</td>
              <td title={'unavailable' in accuracy ? accuracy.unavailable : accuracy.judgedOn}>
                {'metric' in accuracy ? <Quality of={accuracy} value={accuracy.candidate} /> : '–'}
              </td>
              <td title={'unavailable' in peakMemoryBytes ? peakMemoryBytes.unavailable : undefined}>
                {'candidate' in peakMemoryBytes ? <Num figure={bytes(peakMemoryBytes.candidate)} /> : '–'}
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}
