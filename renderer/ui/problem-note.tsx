import type { Problem } from '../../core/api/problem.ts'
import { Icon } from './icon.tsx'
import { useCopy } from './use-copy.ts'
import './problem-note.css'

const placeNames: Readonly<Record<string, string>> = {
  offset: 'byte',
  path: 'option',
  tensor: 'tensor',
  node: 'node',
  stage: 'stage',
  file: 'file',
}

/** What, where, and what to do; the rest goes to the clipboard. */
export function ProblemNote({ problem, onClose, onRetry }: { problem: Problem; onClose?: () => void; onRetry?: () => void }) {
  const places = Object.entries(problem.where).filter(([, place]) => place !== undefined)
  return (
    <section className="problem" role="alert">
      <Icon name="caution" className="worse" />
      <div className="grow">
        <h3>{problem.what}</h3>
        {places.length > 0 && (
          <dl>
            {places.map(([kind, place]) => (
              <div key={kind}>
                <dt>{placeNames[kind] ?? kind}</dt>
                <dd className="mono">{String(place)}</dd>
              </div>
            ))}
          </dl>
        )}
        <p>{problem.mend}</p>
        <div className="act">
          {onRetry && (
            <button type="button" className="btn small" onClick={onRetry}>
              Try again
            </button>
          )}
          <CopyDetails problem={problem} />
        </div>
      </div>
      {onClose && (
        <button type="button" className="btn quiet small" aria-label="Close" onClick={onClose}>
          <Icon name="close" />
        </button>
      )}
    </section>
  )
}

function CopyDetails({ problem }: { problem: Problem }) {
  const { said, copy } = useCopy()
  return (
    <button type="button" className="btn link" onClick={() => void copy(JSON.stringify(problem, null, 2))}>
      {said ?? 'Copy details'}
    </button>
  )
}
