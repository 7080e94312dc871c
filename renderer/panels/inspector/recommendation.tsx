import { useStore } from 'zustand'
import { dismissRecommendation, recommendationStore, takeRecommendation } from '../../actions/recommend.ts'

/** A proposed pipeline: each stage with its reason, taken as a whole and changed afterwards like any other. */
export function Recommendation() {
  const { recommendation, asking } = useStore(recommendationStore)
  if (asking) return <p className="recommendation">Looking at the model…</p>
  if (!recommendation) return null
  return (
    <div className="recommendation">
      <h2>Recommended for this model</h2>
      <ol>
        {recommendation.reasons.map(({ stage, because }) => (
          <li key={`${stage}${because}`}>
            <b>{stage}</b>
            {because}
          </li>
        ))}
      </ol>
      <div className="keep-row">
        <button type="button" className="btn go small" onClick={takeRecommendation}>
          Use this pipeline
        </button>
        <button type="button" className="btn small" onClick={dismissRecommendation}>
          Not now
        </button>
      </div>
    </div>
  )
}
