import type { Stage } from '../../api/pipeline.ts'
import type { DecisionId } from '../../api/recommendation.ts'
import type { Chosen, Facts } from './facts.ts'

/** An answer: what it is called, what speaks for it, and what stands against it here, where something does. */
export interface Option {
  readonly id: string
  readonly title: string
  because(facts: Facts, chosen: Chosen): string
  /** A sentence that says why it cannot be chosen. */
  against?(facts: Facts, chosen: Chosen): string | null
  /** Stages that follow from it, each with its reason. */
  stages?(facts: Facts, chosen: Chosen): readonly ReasonedStage[]
}

export interface ReasonedStage {
  readonly stage: Stage
  readonly because: string
}

/** One step of the way to a pipeline. */
export interface Question {
  readonly id: DecisionId
  readonly question: string
  readonly options: readonly Option[]
  /** Ids in order of preference: the first possible one is recommended. */
  preferred(facts: Facts, chosen: Chosen): readonly string[]
  /** Whether the answers before leave anything to ask; they do unless given. */
  arises?(chosen: Chosen): boolean
}
