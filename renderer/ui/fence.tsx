import { Component, type ReactNode } from 'react'
import { type Problem, problemOf } from '../../core/api/problem.ts'
import { ProblemNote } from './problem-note.tsx'

/** Keeps a panel that fails from taking the window with it: the others go on, and this one says what happened. */
export class Fence extends Component<{ readonly children: ReactNode }, { readonly problem: Problem | null }> {
  override state = { problem: null as Problem | null }

  static getDerivedStateFromError(thrown: unknown): { readonly problem: Problem } {
    return { problem: problemOf(thrown) }
  }

  override render(): ReactNode {
    const { problem } = this.state
    if (!problem) return this.props.children
    return (
      <div className="empty">
        <ProblemNote problem={problem} onRetry={() => this.setState({ problem: null })} />
      </div>
    )
  }
}
