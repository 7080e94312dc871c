import { z } from 'zod'
import { problemSchema } from './problem.ts'
import { candidateSchema, reportSchema, stageReportSchema } from './report.ts'

/** All that a run says while it goes on: a closed union. */
export const runEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('started'), run: z.string(), stages: z.array(z.string()), leaves: z.array(z.string()) }),
  z.object({ type: z.literal('stage-started'), stage: z.string() }),
  z.object({ type: z.literal('progress'), stage: z.string().nullable(), step: z.string(), done: z.number(), of: z.number() }),
  z.object({ type: z.literal('stage-finished'), stage: z.string(), report: stageReportSchema }),
  z.object({ type: z.literal('candidate'), candidate: candidateSchema }),
  z.object({ type: z.literal('note'), text: z.string() }),
  z.object({ type: z.literal('failed'), stage: z.string().nullable(), problem: problemSchema }),
  z.object({ type: z.literal('finished'), report: reportSchema }),
])
export type RunEvent = z.infer<typeof runEventSchema>
