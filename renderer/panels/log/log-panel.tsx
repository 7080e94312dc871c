import { useStore } from 'zustand'
import type { Protocol } from '../../../core/api/measurement.ts'
import { quantity } from '../../../core/api/quantity.ts'
import { RunProblem } from '../../frame/run-problem.tsx'
import { runStore } from '../../stores/run.ts'
import { Empty } from '../../ui/empty.tsx'
import { plain } from '../../ui/figures.ts'
import './log.css'

function howTimed({ rounds, warmup, threads, provider, level, order, seed, inputs }: Protocol): string {
  return `Timed in ${quantity(rounds, 'interleaved round')} after ${warmup} to warm up: ${order} (seed ${seed}); ${quantity(threads, 'thread')}, provider ${provider}, optimization level ${level}. Inputs: ${inputs}.`
}

/** What the run said, in order, and how its figures were taken. */
export function LogPanel() {
  const log = useStore(runStore, ({ log }) => log)
  const problem = useStore(runStore, ({ problem }) => problem)
  const report = useStore(runStore, ({ report }) => report)
  if (log.length === 0)
    return (
      <Empty icon="passes" title="Nothing has run yet">
        <p>Stages, notes and problems of a run are listed here as they happen.</p>
      </Empty>
    )
  return (
    <div className="scroll grow log">
      {problem && <RunProblem problem={problem} />}
      <ol>
        {log.map(({ at, kind, text }, position) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines are only ever added at the end
          <li key={position} className={kind}>
            <span className="t3">{plain(at / 1000, 1)} s</span>
            <span>{text}</span>
          </li>
        ))}
      </ol>
      {report?.protocol && <p className="t2">{howTimed(report.protocol)}</p>}
    </div>
  )
}
