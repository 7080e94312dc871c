import type { ReactNode } from 'react'
import type { Candidate } from '../../../core/api/report.ts'
import { bytes, milliseconds, three } from '../../ui/figures.ts'
import { FromTo } from '../../ui/glyph.tsx'
import { Num } from '../../ui/number.tsx'

/** What the median of the latency does not tell, before and after: its tail, loading, the first run, memory, and energy where the machine counts it. */
export function CostsOf({ candidate: { latencyMs, peakMemoryBytes, energyJoules } }: { candidate: Candidate }) {
  const [before, after] = 'ratio' in latencyMs ? [latencyMs.baseline, latencyMs.candidate] : [null, null]
  return (
    <>
      <Time title="95 % within" before={before?.p95} after={after?.p95} />
      <Time title="99 % within" before={before?.p99} after={after?.p99} />
      <Time title="Loading" before={before?.loadMs} after={after?.loadMs} />
      <Time title="First run" before={before?.firstRunMs} after={after?.firstRunMs} />
      {'candidate' in peakMemoryBytes && (
        <Pair
          title="Peak memory"
          from={<Num figure={bytes(peakMemoryBytes.baseline)} />}
          to={<Num figure={bytes(peakMemoryBytes.candidate)} />}
        />
      )}
      {'candidate' in energyJoules && (
        <Pair
          title="Energy of a run"
          from={three(energyJoules.baseline)}
          to={
            <>
              {three(energyJoules.candidate)} <i className="u">J</i>
            </>
          }
        />
      )}
    </>
  )
}

function Time({ title, before, after }: { title: string; before: number | undefined; after: number | undefined }) {
  if (before === undefined || after === undefined) return null
  return <Pair title={title} from={<Num figure={milliseconds(before)} />} to={<Num figure={milliseconds(after)} />} />
}

function Pair({ title, from, to }: { title: string; from: ReactNode; to: ReactNode }) {
  return (
    <>
      <dt>{title}</dt>
      <dd>
        <FromTo from={from} to={to} />
      </dd>
    </>
  )
}
