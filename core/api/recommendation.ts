import { z } from 'zod'
import { pipelineSchema } from './pipeline.ts'

/** The questions on the way to a pipeline, in the order in which they are asked: what is answered later follows from what stands before. */
export const decisionIds = ['target', 'fusion', 'loss', 'quantization', 'data', 'strategy'] as const
const decisionIdSchema = z.enum(decisionIds)
export type DecisionId = z.infer<typeof decisionIdSchema>

/** Answers that are wished for, by question; what is left out is answered by what the model and the data are. */
export const choicesSchema = z.partialRecord(decisionIdSchema, z.string())
export type Choices = z.infer<typeof choicesSchema>

const answerSchema = z.object({
  id: z.string(),
  title: z.string(),
  /** What speaks for it here; where it is not possible, what stands against it. */
  because: z.string(),
  possible: z.boolean(),
})

export const decisionSchema = z.object({
  id: decisionIdSchema,
  question: z.string(),
  /** Id of the answer that holds. */
  chosen: z.string(),
  because: z.string(),
  /** Whether it was wished for; otherwise it is what is recommended. */
  wished: z.boolean(),
  /** All answers, the chosen one among them. */
  answers: z.array(answerSchema),
  /** What was wished for and is not possible with this model or after the answers before. */
  refused: z.object({ answer: z.string(), because: z.string() }).nullable(),
})
export type Decision = z.infer<typeof decisionSchema>

export const recommendationSchema = z.object({
  pipeline: pipelineSchema,
  reasons: z.array(z.object({ stage: z.string(), because: z.string() })),
  /** The way to the pipeline: each choice with its reason and its alternatives. */
  decisions: z.array(decisionSchema),
})
export type Recommendation = z.infer<typeof recommendationSchema>
