import { z } from 'zod'

/** How far the first output of a trial is from that of the float model, on the same samples. */
export const trialErrorSchema = z.object({
  /** 10 log10(signal power / error power); `null` where nothing differs. */
  sqnrDb: z.number().nullable(),
  /** Of all elements as one vector; 1 where nothing differs. */
  cosine: z.number(),
  /** The dataset's metric on its selection samples, judged with this machine's kernels; missing where there are no such samples or no time was left. */
  metric: z.number().optional(),
})
export type TrialError = z.infer<typeof trialErrorSchema>

/** One unit of layers that move together. A trial that is `null` was not run for want of time, or means nothing here. */
export const sensitivityRowSchema = z.object({
  /** References of its nodes, good for `keep`. */
  nodes: z.array(z.string()),
  kind: z.enum(['product', 'convolution', 'recurrent']),
  /** Elements of its weights. */
  weights: z.number().int(),
  /** The low precision that the trials are about. */
  precision: z.enum(['int8', 'int4']),
  /** What the pass chose for it. */
  chosen: z.enum(['int8', 'int4', 'float32']),
  /**
   * Signal to noise of the unit's own results when its weights, or its activations, alone are rounded: from one observed pass over the float
   * model for all units, before anything is tried. `null` where nothing differs or it could not be observed.
   */
  estimateDb: z.object({ weights: z.number().nullable(), activations: z.number().nullable() }),
  /** This unit alone in low precision, all others in float. */
  alone: trialErrorSchema.nullable(),
  /** All units in low precision but this one. */
  allOthers: trialErrorSchema.nullable(),
  /** Its weights alone rounded, its activations in float. Like the next: not of recurrent operators. */
  weightsAlone: trialErrorSchema.nullable(),
  /** Its activations alone rounded, its weights in float. */
  activationsAlone: trialErrorSchema.nullable(),
  /** Of a unit of several nodes, each of them alone in low precision; they move together all the same. Empty for one node. */
  members: z.array(z.object({ node: z.string(), alone: trialErrorSchema.nullable() })),
  /** Milliseconds that a run takes more (or less, below 0) with this unit in low precision; only where speed was asked for. */
  milliseconds: z.number().optional(),
})
export type SensitivityRow = z.infer<typeof sensitivityRowSchema>

/** What `mixed-precision` found out about a model: which of its layers lose how much, and what could be had for what. */
export const sensitivitySchema = z.object({
  /** Samples on which the trials ran. */
  samples: z.number().int(),
  /** The dataset's metric and its value for the float model; `null` where none was taken. */
  metric: z.object({ name: z.string(), float: z.number() }).nullable(),
  /** The unit that loses most comes first. */
  rows: z.array(sensitivityRowSchema),
  /** Every unit in low precision; `null` where it was not run. */
  everything: trialErrorSchema.nullable(),
  /** Estimated Pareto front: bytes of the weights against signal to noise, smallest first. `milliseconds` against the float model, where speed was asked for. */
  front: z.array(z.object({ bytes: z.number(), sqnrDb: z.number().nullable(), milliseconds: z.number().optional(), chosen: z.boolean() })),
})
export type Sensitivity = z.infer<typeof sensitivitySchema>

/** Why rows have no figures of trials that mean something for them; `null` where all were run. */
export function untriedText({ rows }: Pick<Sensitivity, 'rows'>): string | null {
  const isUntried = ({ kind, allOthers, weightsAlone }: SensitivityRow) =>
    (allOthers === null && rows.length > 1) || (weightsAlone === null && kind !== 'recurrent')
  const untried = rows.filter(isUntried).length
  if (untried === 0) return null
  const which = untried === rows.length ? 'any layer' : `${untried} of the ${rows.length} layers`
  return `Trials that the choice does not rest on were not run for ${which}: their time was over (studySeconds of the pass).`
}
