import type { Problem } from '../../core/api/problem.ts'
import { startRun } from '../actions/run.ts'
import { isPassing } from '../stores/run-state.ts'
import { ProblemNote } from '../ui/problem-note.tsx'

/** What was wrong with a run, and its mend. To try again is offered only where the same run may end better. */
export function RunProblem({ problem, onClose }: { problem: Problem; onClose?: () => void }) {
  const retry = isPassing(problem) ? { onRetry: () => void startRun() } : {}
  return <ProblemNote problem={problem} {...retry} {...(onClose ? { onClose } : {})} />
}
