import { useStore } from 'zustand'
import { whyUnusable } from '../../core/api/outcome.ts'
import { runStore } from '../stores/run.ts'
import { isGoing } from '../stores/run-state.ts'
import { showTab } from '../stores/session.ts'
import { Icon } from '../ui/icon.tsx'
import { useCandidate } from './candidate-figures.tsx'

/**
 * That the chosen candidate is of no use as it is, where no panel beside says it.
 * @param closed the one that was closed: it is not told again before the next run
 */
export function UnusableNotice({ closed, onClose }: { closed: string; onClose: (told: string) => void }) {
  const candidate = useCandidate()
  const run = useStore(runStore, ({ run }) => run)
  const going = useStore(runStore, isGoing)
  const why = candidate && !going ? whyUnusable(candidate) : null
  const told = `${run} ${candidate?.id}`
  if (why === null || closed === told) return null
  return (
    <div className="toast">
      <section className="unusable" role="alert">
        <Icon name="caution" className="worse" />
        <div className="grow">
          <h3 className="b">{candidate!.id}</h3>
          <p>{why}</p>
          <button type="button" className="btn link" onClick={() => showTab('Layers')}>
            Show its layers
          </button>
        </div>
        <button type="button" className="btn quiet small" aria-label="Close" onClick={() => onClose(told)}>
          <Icon name="close" />
        </button>
      </section>
    </div>
  )
}
