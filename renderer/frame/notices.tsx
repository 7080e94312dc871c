import { useState } from 'react'
import { useStore } from 'zustand'
import { startRun } from '../actions/run.ts'
import { runStore } from '../stores/run.ts'
import { sessionStore } from '../stores/session.ts'
import { Icon } from '../ui/icon.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import { RunProblem } from './run-problem.tsx'
import { UnusableNotice } from './unusable-notice.tsx'

/** What went wrong and is not told by a panel of its own. */
export function Notices() {
  const problem = useStore(sessionStore, ({ problem }) => problem)
  const interrupted = useStore(sessionStore, ({ interrupted }) => interrupted)
  const failed = useStore(runStore, ({ problem }) => problem)
  const tab = useStore(sessionStore, ({ tab }) => tab)
  const opened = useStore(sessionStore, ({ opened }) => opened)
  const [closed, setClosed] = useState('')
  if (interrupted)
    return (
      <div className="toast">
        <section className="interrupted" role="alert">
          <Icon name="caution" className="caution" />
          <p className="grow">{interrupted.text}</p>
          {interrupted.act && (
            <button type="button" className="btn small" onClick={() => void startRun()}>
              {interrupted.act}
            </button>
          )}
          <button type="button" className="btn quiet small" aria-label="Close" onClick={() => sessionStore.setState({ interrupted: null })}>
            <Icon name="close" />
          </button>
        </section>
      </div>
    )
  // On the welcome screen the problem stands in the page, and the tables tell of a failed run themselves.
  if (!opened) return null
  if (problem)
    return (
      <div className="toast">
        <ProblemNote problem={problem} onClose={() => sessionStore.setState({ problem: null })} />
      </div>
    )
  if (failed && (tab === 'Model' || tab === 'Diff'))
    return (
      <div className="toast">
        <RunProblem problem={failed} onClose={() => runStore.setState({ problem: null })} />
      </div>
    )
  // The tables have the candidate beside them, with what there is to say of it.
  return tab === 'Layers' || tab === 'Candidates' ? null : <UnusableNotice closed={closed} onClose={setClosed} />
}
