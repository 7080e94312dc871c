import { z } from 'zod'
import { latencySchema, machineSchema, protocolSchema, ratioSchema, unavailableSchema } from './measurement.ts'
import { problemSchema } from './problem.ts'

const setting = {
  /** Samples in one run. */
  batch: z.number().int(),
  /** Intra-op threads. */
  threads: z.number().int(),
  /** Length of the inputs in a sweep over lengths. */
  sequence: z.number().int().optional(),
}

/** What `bench` prints: models timed against the first of them, interleaved in one process. */
export const benchSchema = z.object({
  models: z.array(
    z.object({
      path: z.string(),
      ...setting,
      latencyMs: latencySchema,
      /** Samples per second at the median. */
      throughput: z.number(),
      loadMs: z.number(),
      firstRunMs: z.number(),
      peakMemoryBytes: z.union([z.number(), unavailableSchema]),
      sizeBytes: z.number(),
      /** Of one run: all that the processor packages took meanwhile. */
      energyJoules: z.union([z.number(), unavailableSchema]),
    }),
  ),
  ratios: z.array(
    z.object({
      baseline: z.string(),
      candidate: z.string(),
      ...setting,
      ...ratioSchema.shape,
    }),
  ),
  /**
   * Where several batches or numbers of threads were timed: for each model the knee of throughput, the smallest that reaches nearly the best;
   * beyond it only latency (or what others lack) grows.
   */
  recommended: z
    .array(z.object({ path: z.string(), of: z.enum(['batch', 'threads']), ...setting, throughput: z.number(), because: z.string() }))
    .optional(),
  /** Settings of a sweep at which something could not be timed. */
  failed: z.array(z.object({ ...setting, problem: problemSchema })),
  /** What disturbed the measurement, and what the inputs were. */
  notes: z.array(z.string()),
  protocol: protocolSchema,
  machine: machineSchema,
})
export type Bench = z.infer<typeof benchSchema>
