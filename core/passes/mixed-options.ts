import { z } from 'zod'
import { lowPrecisions } from '../quantize/mixture.ts'

const budget = z.union([
  z.strictObject({
    points: z
      .number()
      .nonnegative()
      .describe(
        'Accuracy that may be lost, in points; perplexity may rise by twice as many percent. Without labels, 30 dB are asked for instead.',
      ),
  }),
  z.strictObject({ decibels: z.number().describe('Least signal-to-noise ratio of the first output of floats.') }),
  z.strictObject({ megabytes: z.number().positive().describe('Most bytes that the weights of quantizable layers may take.') }),
  z.strictObject({
    fastestWithinPoints: z
      .number()
      .nonnegative()
      .describe(
        'As fast as it gets on this machine with at most this loss of accuracy, in points; perplexity may rise by twice as many percent.',
      ),
  }),
  z.strictObject({
    fastestWithinDecibels: z
      .number()
      .describe('As fast as it gets on this machine with at least this signal-to-noise ratio of the first output of floats.'),
  }),
])
type Budget = z.infer<typeof budget>

export const mixedOptions = z.strictObject({
  budget: budget.default({ points: 0.5 }).describe('What the mixture may cost.'),
  precisions: z
    .array(z.enum(lowPrecisions))
    .min(1)
    .default(['int8'])
    .describe('int8 computes in 8 bits (convolutions on calibrated ranges, products on their own); int4 stores weights in 4 bits.'),
  samples: z.int().positive().default(32).describe('Calibration samples on which every layer is tried.'),
  seconds: z
    .number()
    .positive()
    .default(600)
    .describe(
      'Time for trying layers, the heaviest first. What is not tried by then is taken at its estimate, and verified with the rest.',
    ),
  studySeconds: z
    .number()
    .nonnegative()
    .default(30)
    .describe(
      'Time for what the choice does not need and people want to know of each layer: all others without it, its weights alone, its activations alone, its effect on the metric. 0: none.',
    ),
  embeddings: z.boolean().default(true).describe('Store embedding tables in 8 bits.'),
  revertSlower: z
    .boolean()
    .default(true)
    .describe(
      'Time the result with each kind of lowered layers in float instead, and leave those in float that two timings find slower in low precision on this machine. Takes seconds for each kind, a minute at most; without it the result does not depend on the machine.',
    ),
  keep: z.array(z.string()).default([]).describe('Node references or scopes that stay in float, whatever the search says.'),
})
export type MixedOptions = z.infer<typeof mixedOptions>

/** What a mixture must keep to, whatever it is to be short of. */
export type Tolerance = { readonly points: number } | { readonly decibels: number }

/** `null` for a budget of bytes alone. */
export function toleranceOf(given: Budget): Tolerance | null {
  if ('fastestWithinPoints' in given) return { points: given.fastestWithinPoints }
  if ('fastestWithinDecibels' in given) return { decibels: given.fastestWithinDecibels }
  return 'megabytes' in given ? null : given
}

/** Whether time is what the mixture is to be short of, not bytes. */
export const wantsSpeed = (given: Budget): boolean => 'fastestWithinPoints' in given || 'fastestWithinDecibels' in given
