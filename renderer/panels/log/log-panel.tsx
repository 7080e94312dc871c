import { useStore } from 'zustand'
import { startRun } from '../../actions/run.ts'
import { runStore } from '../../stores/run.ts'
import { Empty } from '../../ui/empty.tsx'
import { plain } from '../../ui/figures.ts'
import { ProblemNote } from '../../ui/problem-note.tsx'
import './log.css'

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
      {problem && <ProblemNote problem={problem} onRetry={() => void startRun()} />}
      <ol>
        {log.map(({ at, kind, text }, position) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines are only ever added at the end
          <li key={position} className={kind}>
            <span className="t3">{plain(at / 1000, 1)} s</span>
            <span>{text}</span>
          </li>
        ))}
      </ol>
      {report?.protocol && (
        <p className="t2">
          Timed in {report.protocol.rounds} interleaved rounds after {report.protocol.warmup} warm-up runs, {report.protocol.threads}{' '}
          threads, {report.protocol.provider}, level {report.protocol.level}; order {report.protocol.order}, seed {report.protocol.seed};
          inputs: {report.protocol.inputs}.
        </p>
      )}
    </div>
  )
}
