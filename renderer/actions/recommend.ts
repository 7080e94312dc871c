import { createStore } from 'zustand/vanilla'
import type { Choices, Decision, DecisionId, Recommendation } from '../../core/api/recommendation.ts'
import { documentStore } from '../stores/document.ts'
import { sessionStore, showTab } from '../stores/session.ts'
import { engine } from './connection.ts'
import { tell } from './open.ts'

export interface RecommendationState {
  /** The model that it is for: with another one on screen it says nothing. */
  readonly model: string | null
  readonly recommendation: Recommendation | null
  readonly asking: boolean
  /** What the user has decided otherwise. */
  readonly choices: Choices
  /** Questions whose answer the last choice has changed, with the answer that stood there before. */
  readonly moved: ReadonlyMap<DecisionId, string>
}

const nothing: RecommendationState = { model: null, recommendation: null, asking: false, choices: {}, moved: new Map() }

/** The last recommendation, with the decisions that lead to it, as long as it is on screen. */
export const recommendationStore = createStore<RecommendationState>(() => nothing)

/** Asks the engine for a pipeline for this model, target and data, and shows how it comes to it. */
export function recommend(): Promise<void> {
  dismissRecommendation()
  // It stands beside the graph; results have another column there.
  showTab('Model')
  return ask({})
}

/** Answers one question otherwise: what comes after it follows. */
export const decide = (question: DecisionId, answer: string): Promise<void> =>
  ask({ ...recommendationStore.getState().choices, [question]: answer })

/** Takes an answer back: what is recommended there holds again. */
export function undecide(question: DecisionId): Promise<void> {
  const { [question]: _, ...others } = recommendationStore.getState().choices
  return ask(others)
}

/** Answers are counted: one that was overtaken by a later question is not shown. */
let asked = 0

async function ask(choices: Choices): Promise<void> {
  const { opened, data } = sessionStore.getState()
  if (!opened) return
  const turn = ++asked
  recommendationStore.setState({ asking: true, model: opened.model })
  try {
    const { target } = documentStore.getState().pipeline
    const found = await (await engine()).pipelines.recommend({ model: opened.model, target, data: data?.path ?? null, choices })
    if (turn !== asked) return
    const before = recommendationStore.getState().recommendation?.decisions ?? []
    recommendationStore.setState({ recommendation: found, choices, moved: movedBetween(before, found.decisions) })
  } catch (error) {
    tell(error)
  } finally {
    if (turn === asked) recommendationStore.setState({ asking: false })
  }
}

/** Titles of the answers that stood before, where another stands now. */
export function movedBetween(before: readonly Decision[], after: readonly Decision[]): ReadonlyMap<DecisionId, string> {
  const moved = new Map<DecisionId, string>()
  for (const { id, chosen } of after) {
    const old = before.find((one) => one.id === id)
    if (old && old.chosen !== chosen) moved.set(id, titleOf(old))
  }
  return moved
}

export const titleOf = ({ answers, chosen }: Decision): string => answers.find(({ id }) => id === chosen)?.title ?? chosen

export function dismissRecommendation(): void {
  asked++
  recommendationStore.setState(nothing)
}

export function takeRecommendation(): void {
  const { recommendation } = recommendationStore.getState()
  if (recommendation) documentStore.replace(recommendation.pipeline)
  dismissRecommendation()
}
