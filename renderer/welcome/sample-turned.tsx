import { useMemo } from 'react'
import { isDistance, metricName, metricText } from '../../core/api/metric.ts'
import { type PastRun, pastRuns } from '../stores/past-runs.ts'
import { bytes, milliseconds } from '../ui/figures.ts'
import { Glyph } from '../ui/glyph.tsx'
import { Num } from '../ui/number.tsx'
import { percentOf } from '../ui/verdict.tsx'
import { profileOf, scaleFor } from './profile.ts'

/** The last run as two turned pieces, figures of this machine; before the first run, the way there. */
export function SampleTurned() {
  const [last] = useMemo(() => pastRuns(), [])
  return (
    <section className="full">
      <h2 className="h">
        {last ? `${last.model}, layer by layer` : 'In three clicks'}
        <span className="t3 sm plain-note">{last && `length is latency, area is size on disk; ${last.cpu}`}</span>
        <span className="steps">
          <i>1</i>Sample<i>2</i>Run<i>3</i>Export
        </span>
      </h2>
      {last ? <Turned run={last} /> : <Steps />}
    </section>
  )
}

const steps = [
  ['Sample', 'A small trained BERT with a thousand labelled questions opens, layer by layer.'],
  ['Run', 'A pipeline cleans it up, fuses and quantizes it. Every layer is timed and compared on the real runtime.'],
  ['Export', 'The written file is run against the source before you get it.'],
] as const

function Steps() {
  return (
    <ol className="first-steps">
      {steps.map(([name, text], position) => (
        <li key={name}>
          <i>{position + 1}</i>
          <b>{name}</b>
          <span>{text}</span>
        </li>
      ))}
    </ol>
  )
}

const room = { left: 92, width: 700, radius: 42, height: 104 }

function Turned({ run: { baseline, after, candidate, metric, verdict } }: { run: PastRun }) {
  const scale = scaleFor([baseline.parts, after.parts], room)
  return (
    <div className="turned">
      <svg
        viewBox={`0 0 ${room.left + room.width + 30} ${2 * room.height}`}
        width="100%"
        role="img"
        aria-label="Both versions, layer by layer"
      >
        <Piece name="source" version={baseline} scale={scale} y={room.height / 2} />
        <Piece name={candidate} version={after} scale={scale} y={room.height * 1.5} fresh />
      </svg>
      <table className="turned-figures">
        <thead>
          <tr>
            <th>latency</th>
            <th>size</th>
            <th>{metricName(metric)}</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <td>
              <Num figure={milliseconds(baseline.ms)} />
            </td>
            <td>
              <Num figure={bytes(baseline.bytes)} />
            </td>
            <td>{baseline.quality === null || isDistance(metric) ? '' : metricText(metric, baseline.quality, 3)}</td>
          </tr>
          <tr>
            <td>
              <Num figure={milliseconds(after.ms)} strong />
              {verdict === 'better' || verdict === 'worse' ? (
                <Change from={baseline.ms} to={after.ms} />
              ) : (
                <span className="t2">≈ {verdict}</span>
              )}
            </td>
            <td>
              <Num figure={bytes(after.bytes)} strong />
              <Change from={baseline.bytes} to={after.bytes} />
            </td>
            <td>{after.quality === null ? '' : <b>{metricText(metric, after.quality, 3)}</b>}</td>
          </tr>
        </tbody>
      </table>
    </div>
  )
}

function Change({ from, to }: { from: number; to: number }) {
  const percent = percentOf(from, to)
  return (
    <span className={percent < 0 ? 'better' : percent > 0 ? 'worse' : 't3'}>
      {percent !== 0 && <Glyph name={percent < 0 ? 'less' : 'more'} />} {Math.abs(percent)} %
    </span>
  )
}

function Piece({
  name,
  version,
  scale,
  y,
  fresh = false,
}: {
  name: string
  version: PastRun['baseline']
  scale: ReturnType<typeof scaleFor>
  y: number
  fresh?: boolean
}) {
  const { path, joints, width } = profileOf(version.parts, scale)
  return (
    <g className={fresh ? 'piece fresh' : 'piece'}>
      <text x={0} y={y + 4}>
        {name}
      </text>
      <g transform={`translate(${room.left} ${y})`}>
        <path className="axis" d={`M-12 0H${width + 12}`} />
        <path className="body" d={path} />
        {joints.map(({ x, radius }) => (
          <path key={x} className="joint" d={`M${x} ${-radius}V${radius}`} />
        ))}
        <path className="axis" d={`M-12 0H${width + 12}`} />
      </g>
    </g>
  )
}
