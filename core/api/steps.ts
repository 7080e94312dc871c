import { z } from 'zod'
import { problemSchema } from './problem.ts'

/** How work of minutes is told: how far it is, then what it found or why it found nothing. `waiting`: something else is being timed. */
export const stepsSchema = <T extends z.ZodType>(result: T) =>
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('waiting') }),
    z.object({ type: z.literal('progress'), step: z.string(), done: z.number().int(), of: z.number().int() }),
    z.object({ type: z.literal('finished'), result }),
    z.object({ type: z.literal('failed'), problem: problemSchema }),
  ])
