import type { Machine } from '../api/measurement.ts'
import { suggestion } from '../api/nearest.ts'
import type { Target } from '../api/pipeline.ts'
import { ProblemError } from '../api/problem.ts'
import type { Choices, Decision, Recommendation } from '../api/recommendation.ts'
import type { SampleData } from '../data/open.ts'
import type { Model } from '../ir/model.ts'
import { allNodes } from '../ir/walk.ts'
import type { Pass } from '../pass.ts'
import { data } from './recommend/data.ts'
import { type Chosen, type Facts, type Fusions, weightsOf } from './recommend/facts.ts'
import { fusion } from './recommend/fusion.ts'
import { loss } from './recommend/loss.ts'
import { quantization } from './recommend/quantization.ts'
import type { Option, Question, ReasonedStage } from './recommend/question.ts'
import { strategy } from './recommend/strategy.ts'
import { target } from './recommend/target.ts'

export interface RecommendInput {
  readonly model: Model
  /** What the file is for, unless a choice says otherwise. */
  readonly target: Target
  readonly data: SampleData | null
  readonly machine: Machine
  readonly passes: readonly Pass[]
  /** How much `fuse` would find; not known unless given. */
  readonly fusions?: Fusions
  /** Answers that the user wants; the others follow. */
  readonly choices?: Choices
}

const questions: readonly Question[] = [target, fusion, loss, quantization, data, strategy]

const tidying: ReasonedStage = {
  stage: { id: 'tidy', pass: 'clean-up', options: {} },
  because: 'Removes what computes nothing; outputs stay the same up to rounding, and later stages find more.',
}

const unjudged =
  'There are no evaluation samples: accuracy can only be told as agreement on random inputs. A dataset.json would change that.'

/**
 * Walks from what the model is, what it is for and what data there is to a pipeline: each question is answered by what fits best after the
 * answers before, or as wished; every stage says why it is there.
 * @throws ProblemError `usage` for a wish that is no answer to its question
 */
export function recommendPipeline(input: RecommendInput): Recommendation {
  const { choices = {}, passes } = input
  checkChoices(choices)
  const facts = factsOf(input)
  let chosen: Chosen = {}
  const decisions: Decision[] = []
  const stages: ReasonedStage[] = [tidying]
  for (const question of questions) {
    if (question.arises?.(chosen) === false) continue
    const { decision, option } = decide(question, facts, chosen, choices[question.id])
    chosen = { ...chosen, [question.id]: decision.chosen }
    decisions.push(decision)
    stages.push(...(option.stages?.(facts, chosen) ?? []))
  }
  const known = stages.filter(({ stage }) => passes.some(({ id }) => id === stage.pass))
  const reasons = known.map(({ stage, because }) => ({ stage: stage.id, because }))
  if (input.data?.evaluation === undefined || input.data.evaluation === null) reasons.push({ stage: 'source', because: unjudged })
  const meant = chosen.target as Target
  return {
    pipeline: { lathe: 1, name: `Recommended for ${meant}`, target: meant, stages: known.map(({ stage }) => stage) },
    reasons,
    decisions,
  }
}

/** The answer that is wished for where it is possible, else the first possible one of those that fit. */
function decide(question: Question, facts: Facts, chosen: Chosen, wish: string | undefined): { decision: Decision; option: Option } {
  const stands = (option: Option) => option.against?.(facts, chosen) ?? null
  const wished = question.options.find(({ id }) => id === wish)
  const against = wished ? stands(wished) : null
  const preferred = question.preferred(facts, chosen).map((id) => question.options.find((option) => option.id === id)!)
  const option = wished && against === null ? wished : preferred.find((one) => stands(one) === null)!
  const answers = question.options.map((one) => {
    const obstacle = stands(one)
    return { id: one.id, title: one.title, because: obstacle ?? one.because(facts, chosen), possible: obstacle === null }
  })
  const decision: Decision = {
    id: question.id,
    question: question.question,
    chosen: option.id,
    because: option.because(facts, chosen),
    wished: option === wished,
    answers,
    refused: wished && against !== null ? { answer: wished.title, because: against } : null,
  }
  return { decision, option }
}

function checkChoices(choices: Choices): void {
  for (const question of questions) {
    const wish = choices[question.id]
    const ids = question.options.map(({ id }) => id)
    if (wish === undefined || ids.includes(wish)) continue
    const what = `'${wish}' is no answer to '${question.id}' (${question.question})`
    throw new ProblemError({ kind: 'usage', code: 'unknown-answer', what, where: {}, mend: suggestion(wish, ids) })
  }
}

const unknownFusions: Fusions = { all: null, withoutSums: null, hasSums: null, sameOpset: null }

function factsOf({ model, target, data, machine, fusions = unknownFusions }: RecommendInput): Facts {
  return {
    target,
    weights: weightsOf(model),
    fusions,
    nodes: [...allNodes(model.graph)].length,
    opset: model.opset,
    data: data && { calibration: data.calibration?.table.count ?? 0, evaluation: data.evaluation?.table.count ?? 0 },
    machine,
  }
}
