import type { RunSummary } from '../../core/api/contract.ts'
import { basename } from '../../core/api/file-name.ts'
import { showRun } from '../actions/come-back.ts'
import { engine } from '../actions/connection.ts'
import { wholeSeconds } from '../ui/figures.ts'
import { Num } from '../ui/number.tsx'

/** Runs of other windows on the same engine, or of a window that was closed: one click shows them here. */
export function EngineRuns({ runs }: { runs: readonly RunSummary[] }) {
  if (runs.length === 0) return null
  return (
    <div className="engine-runs">
      <h2 className="h">Runs of this session</h2>
      <table className="rec">
        <colgroup>
          <col />
          <col style={{ width: 132 }} />
          <col style={{ width: 104 }} />
        </colgroup>
        <tbody>
          {runs.map((run) => (
            <tr key={run.run}>
              <td>
                <button type="button" onClick={() => void engine().then((line) => showRun(line, run))}>
                  <b className="ell">{basename(run.path)}</b>
                  <span>
                    {run.path.split(/[/\\]/).at(-2)}, {run.pipeline}
                  </span>
                </button>
              </td>
              <td>{states[run.state]}</td>
              <td className="t2">
                <Num figure={wholeSeconds(run.ms)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

const states: Readonly<Record<RunSummary['state'], string>> = {
  waiting: 'waiting',
  running: 'going on',
  finished: 'finished',
  failed: 'failed',
  cancelled: 'cancelled',
}
