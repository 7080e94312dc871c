import { z } from 'zod'
import { latencySchema, machineSchema, protocolSchema, unavailableSchema, verdictSchema } from './measurement.ts'

/** What `bench` prints: models timed against the first of them, interleaved in one process. */
export const benchSchema = z.object({
  models: z.array(
    z.object({
      path: z.string(),
      batch: z.number().int(),
      threads: z.number().int(),
      latencyMs: latencySchema,
      /** Samples per second at the median. */
      throughput: z.number(),
      loadMs: z.number(),
      firstRunMs: z.number(),
      peakMemoryBytes: z.union([z.number(), unavailableSchema]),
      sizeBytes: z.number(),
    }),
  ),
  ratios: z.array(
    z.object({
      baseline: z.string(),
      candidate: z.string(),
      batch: z.number().int(),
      threads: z.number().int(),
      ratio: z.number(),
      low: z.number(),
      high: z.number(),
      verdict: verdictSchema,
    }),
  ),
  /** Where several batches were timed: the smallest that reaches nearly the best throughput, beyond which only latency grows. */
  recommended: z
    .array(z.object({ path: z.string(), threads: z.number().int(), batch: z.number().int(), throughput: z.number(), because: z.string() }))
    .optional(),
  protocol: protocolSchema,
  machine: machineSchema,
})
export type Bench = z.infer<typeof benchSchema>
