import type { ReactNode } from 'react'
import { isDistance, isShare, metricFigure, metricTitle } from '../../../core/api/metric.ts'
import { quantity } from '../../../core/api/quantity.ts'
import type { Candidate } from '../../../core/api/report.ts'
import { accuracyChange } from '../../frame/candidate-figures.tsx'
import { bytes, plain, signed, three } from '../../ui/figures.ts'
import { Glyph } from '../../ui/glyph.tsx'
import { Num, Struck } from '../../ui/number.tsx'
import { percentOf } from '../../ui/verdict.tsx'

/** The four figures a candidate stands or falls by, each with how it was taken. */
export function Headlines({ candidate }: { candidate: Candidate }) {
  return (
    <div className="heads">
      <Latency of={candidate.latencyMs} />
      <Size of={candidate.sizeBytes} />
      <Accuracy of={candidate.accuracy} />
      <Memory of={candidate.peakMemoryBytes} />
    </div>
  )
}

function Headline({ title, note, children, extra = false }: { title: string; note: string; children: ReactNode; extra?: boolean }) {
  return (
    <div className={extra ? 'hd opt' : 'hd'}>
      <p className="sm t2">{title}</p>
      <p className="v">{children}</p>
      <p className="sm t2" title={note}>
        {note}
      </p>
    </div>
  )
}

function Latency({ of }: { of: Candidate['latencyMs'] }) {
  if ('unavailable' in of)
    return (
      <Headline title="Latency" note={of.unavailable}>
        –
      </Headline>
    )
  const [low, high] = [percentOf(1, of.high), percentOf(1, of.low)].map((percent) => -percent).sort((a, b) => a - b)
  return (
    <Headline
      title={`Latency, median of ${of.candidate.runs} interleaved runs`}
      note={`${isClear(of) ? '' : `${of.verdict}, `}95 %: ${pace(low!)} … ${pace(high!)}${of.because === undefined ? '' : `; ${of.because}`}`}
    >
      <s>{three(of.baseline.median)}</s> <span className="t3">›</span> <b>{three(of.candidate.median)}</b> <i className="u">ms</i>
      <Change percent={percentOf(1, of.ratio)} clear={isClear(of)} />
    </Headline>
  )
}

const isClear = ({ verdict }: { verdict: string }) => verdict === 'better' || verdict === 'worse'

const pace = (percent: number) => (percent < 0 ? `${-percent} % slower` : `${percent} % faster`)

/** Of something of which less is better. What is not clear has no direction and no colour: the note says so. */
function Change({ percent, clear }: { percent: number; clear: boolean }) {
  if (!clear || percent === 0) return <span className="t2 change">{clear ? '±0 %' : '≈ same'}</span>
  return (
    <span className={`${percent < 0 ? 'better' : 'worse'} change`}>
      <Glyph name={percent < 0 ? 'less' : 'more'} /> {Math.abs(percent)} %
    </span>
  )
}

function Size({ of: { baseline, candidate } }: { of: Candidate['sizeBytes'] }) {
  const after = bytes(candidate)
  const before = bytes(baseline)
  const percent = percentOf(baseline, candidate)
  return (
    <Headline title="Size on disk" note={`${plain(candidate)} bytes`}>
      <Struck before={before} after={after} /> <span className="t3">›</span> <Num figure={after} strong />
      <Change percent={percent} clear />
    </Headline>
  )
}

function Accuracy({ of }: { of: Candidate['accuracy'] }) {
  if ('unavailable' in of)
    return (
      <Headline title="Accuracy" note={of.unavailable}>
        –
      </Headline>
    )
  if (isDistance(of.metric)) {
    const { value, unit } = metricFigure(of.metric, of.candidate, 3)
    return (
      <Headline title={`${metricTitle(of.metric)} against source, ${quantity(of.samples, 'sample')}`} note={of.judgedOn}>
        <b>{value}</b> <i className="u">{unit}</i>
      </Headline>
    )
  }
  const range = isShare(of.metric)
    ? `${signed(of.low * 100, 1)} … ${signed(of.high * 100, 1)} pt`
    : `${signed(of.low, 3)} … ${signed(of.high, 3)}`
  const sign = of.verdict === 'better' ? <Glyph name="more" /> : of.verdict === 'worse' ? <Glyph name="less" /> : '≈'
  const tone = of.verdict === 'better' || of.verdict === 'worse' ? of.verdict : 't2'
  return (
    <Headline title={`${metricTitle(of.metric)}, ${quantity(of.samples, 'sample')}`} note={`${of.verdict}, 95 %: ${range}; ${of.judgedOn}`}>
      <s>{plain(of.baseline, 3)}</s> <span className="t3">›</span> <b>{plain(of.candidate, 3)}</b>
      <span className={`${tone} change`}>
        {sign} {accuracyChange(of)}
      </span>
    </Headline>
  )
}

function Memory({ of }: { of: Candidate['peakMemoryBytes'] }) {
  if ('unavailable' in of)
    return (
      <Headline title="Peak memory" note={of.unavailable} extra>
        –
      </Headline>
    )
  const [before, after] = [bytes(of.baseline), bytes(of.candidate)]
  const percent = percentOf(of.baseline, of.candidate)
  return (
    <Headline title="Peak memory" note="resident, while running" extra>
      <Struck before={before} after={after} /> <span className="t3">›</span> <Num figure={after} strong />
      <Change percent={percent} clear={Math.abs(percent) > 3} />
    </Headline>
  )
}
