import { createStore } from 'zustand/vanilla'
import type { Recommendation } from '../../core/api/answers.ts'
import { documentStore } from '../stores/document.ts'
import { sessionStore } from '../stores/session.ts'
import { engine } from './connection.ts'
import { tell } from './open.ts'

/** The last recommendation, with its reasons, as long as it is on screen. */
export const recommendationStore = createStore<{ readonly recommendation: Recommendation | null; readonly asking: boolean }>(() => ({
  recommendation: null,
  asking: false,
}))

/** Asks the engine for a pipeline for this model, target and data, and shows why each stage is in it. */
export async function recommend(): Promise<void> {
  const { opened, data } = sessionStore.getState()
  if (!opened) return
  recommendationStore.setState({ asking: true })
  try {
    const { target } = documentStore.getState().pipeline
    const recommendation = await (await engine()).pipelines.recommend({ model: opened.model, target, data: data?.path ?? null })
    recommendationStore.setState({ recommendation })
  } catch (error) {
    tell(error)
  } finally {
    recommendationStore.setState({ asking: false })
  }
}

export const dismissRecommendation = (): void => recommendationStore.setState({ recommendation: null })

export function takeRecommendation(): void {
  const { recommendation } = recommendationStore.getState()
  if (recommendation) documentStore.replace(recommendation.pipeline)
  dismissRecommendation()
}
