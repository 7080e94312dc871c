import { useEffect, useRef } from 'react'
import { useStore } from 'zustand'
import type { Recommendation as Found } from '../../../core/api/recommendation.ts'
import { dismissRecommendation, recommendationStore, takeRecommendation } from '../../actions/recommend.ts'
import { sessionStore } from '../../stores/session.ts'
import { Icon } from '../../ui/icon.tsx'
import { DecisionStep } from './decision-step.tsx'
import './recommend.css'

/** A proposed pipeline as the path of decisions that leads to it; each can be changed, and what follows changes with it. */
export function Recommendation() {
  const { model, recommendation, asking, moved } = useStore(recommendationStore)
  const onScreen = useStore(sessionStore, ({ opened }) => opened?.model === model)
  const panel = useRef<HTMLElement>(null)
  const shown = recommendation !== null
  useEffect(() => {
    if (shown) panel.current?.scrollIntoView({ block: 'nearest' })
  }, [shown])
  if (!onScreen) return null
  if (!recommendation)
    return asking ? (
      <p className="recommendation" role="status">
        Looking at the model…
      </p>
    ) : null
  return (
    <section ref={panel} className="recommendation" aria-label="Recommendation" aria-busy={asking}>
      <h2>Recommended for this model</h2>
      <ol className="path">
        {recommendation.decisions.map((decision) => (
          <DecisionStep key={decision.id} decision={decision} before={moved.get(decision.id) ?? null} />
        ))}
        <Proposed of={recommendation} />
      </ol>
      <div className="keep-row">
        <button type="button" className="btn go small" disabled={asking} onClick={takeRecommendation}>
          Use this pipeline
        </button>
        <button type="button" className="btn small" onClick={dismissRecommendation}>
          Not now
        </button>
      </div>
    </section>
  )
}

/** Where the path ends: the stages in a row, each with its reason under the pointer. */
function Proposed({ of: { pipeline, reasons } }: { of: Found }) {
  const unjudged = reasons.find(({ stage }) => stage === 'source')
  return (
    <li className="decision end">
      <p className="question">The pipeline</p>
      <p className="proposed" aria-live="polite">
        {pipeline.stages.map(({ id, pass }, position) => (
          <span key={id} className="crumb-step" title={reasons.find(({ stage }) => stage === id)?.because}>
            {position > 0 && <Icon name="right" className="t3" size={12} />}
            <span className="chip">{pass}</span>
          </span>
        ))}
      </p>
      {unjudged && <p className="reason">{unjudged.because}</p>}
    </li>
  )
}
