import { z } from 'zod'
import { diffSchema } from './diff.ts'
import {
  accuracySchema,
  bytesPairSchema,
  joulesPairSchema,
  latencyPairSchema,
  layerErrorSchema,
  machineSchema,
  preparationSchema,
  protocolSchema,
  storagePairSchema,
  unavailableSchema,
  verdictSchema,
} from './measurement.ts'
import { problemSchema } from './problem.ts'
import { sensitivitySchema } from './sensitivity.ts'

const countsSchema = z.object({ before: z.number(), after: z.number() })

/** What the check after a pass found. */
export const verificationSchema = z.object({
  verdict: z.enum(['passed', 'rejected', 'reported', 'skipped']),
  fidelity: z.string(),
  /** Over all outputs and samples that were compared. */
  maxAbs: z.number().nullable(),
  cosine: z.number().nullable(),
  samples: z.number().int(),
  /** First value that diverged, when rejected. */
  firstDiverging: z.string().optional(),
  reason: z.string().optional(),
})
export type Verification = z.infer<typeof verificationSchema>

export const stageReportSchema = z.object({
  id: z.string(),
  pass: z.string(),
  changed: z.boolean(),
  ms: z.number(),
  cached: z.boolean(),
  nodes: countsSchema,
  bytes: countsSchema,
  changes: z.array(z.object({ rule: z.string(), count: z.number().int() })),
  verification: verificationSchema,
  /** What the pass has to say: layers left in float and why, kernels that are slower here ... */
  notes: z.array(z.string()),
  /** What a search for a mixture of precisions found out about each layer. */
  sensitivity: sensitivitySchema.optional(),
})
export type StageReport = z.infer<typeof stageReportSchema>

const readingSchema = z.union([z.number(), unavailableSchema])

const intervalSchema = z.object({ low: z.number(), high: z.number() })

/**
 * Rows of layers, `shape arithmetic` (all of it in one row, where there is any), `boundary cost` and `overhead` add up to the whole model in each version. `runtime would have done anyway` is part of no
 * sum: its `baseline` is the source run as it is written, its `candidate` the source as the runtime optimizes it at load.
 */
export const layerKinds = [
  'layer',
  'shape arithmetic',
  'boundary cost',
  'runtime would have done anyway',
  'overhead',
  'whole model',
] as const

export const layerRowSchema = z.object({
  kind: z.enum(layerKinds),
  layers: z.array(z.string()),
  names: z.array(z.string()),
  role: z.string(),
  baseline: z.array(z.string()),
  candidate: z.array(z.string()),
  kernels: z.object({ baseline: z.array(z.string()), candidate: z.array(z.string()) }),
  latencyMs: z.object({
    baseline: readingSchema,
    candidate: readingSchema,
    verdict: verdictSchema,
    /**
     * Intervals in milliseconds around both times, and how likely each holds the median (0..1). For rows that are shares of a run: from the
     * least to the greatest of repeated profiles, each of a process of its own; those of a row that is `better` or `worse` do not overlap.
     * For whole models: of the median of their timed runs; their verdict is that of paired rounds, which is sharper. Missing where profiles
     * were not repeated.
     */
    intervals: z.object({ baseline: intervalSchema, candidate: intervalSchema, level: z.number() }).optional(),
  }),
  error: layerErrorSchema,
  sizeBytes: z.object({ baseline: z.number(), candidate: z.number() }),
  /** What the row asks of the machine in the baseline, what it reaches of the machine's ceilings, and what would make it faster. */
  cost: z
    .object({
      /** Operations of one run. */
      flops: z.number(),
      /** Weights read, activations read and written. */
      bytes: z.number(),
      gflops: z.number(),
      gbs: z.number(),
      bound: z.enum(['compute', 'memory', 'overhead']),
      advice: z.string(),
    })
    .optional(),
})
export type LayerRow = z.infer<typeof layerRowSchema>

/** What became of the graph; alike changes stand together. */
export const graphChangesSchema = z.object({
  summary: diffSchema.shape.summary,
  groups: z.array(
    z.object({
      kind: z.enum(['changed', 'fused', 'added', 'removed']),
      /** Operators before and after: `['Conv', 'Relu ×2']`. */
      before: z.array(z.string()),
      after: z.array(z.string()),
      /** Rules that did it. */
      why: z.string(),
      count: z.number().int(),
      /** A node where it happened. */
      example: z.string(),
    }),
  ),
  /** Kinds of change that are not listed. */
  more: z.number().int(),
})
export type GraphChanges = z.infer<typeof graphChangesSchema>

export const candidateSchema = z.object({
  id: z.string(),
  path: z.array(z.string()),
  file: z.string().nullable(),
  layers: z.array(layerRowSchema),
  accuracy: z.union([accuracySchema, unavailableSchema]),
  latencyMs: latencyPairSchema,
  peakMemoryBytes: bytesPairSchema,
  sizeBytes: z.object({ baseline: z.number(), candidate: z.number() }),
  storage: storagePairSchema,
  energyJoules: joulesPairSchema,
  nodes: z.object({ baseline: z.number(), candidate: z.number() }),
  changes: graphChangesSchema,
  /** Share of the candidate's kernel time that was tied to a layer, 0..1. */
  tied: readingSchema,
  /** Why there is no candidate, or why it is of no use. */
  problem: problemSchema.optional(),
  /** What kept all figures from being taken and says nothing of the candidate: its source does not run, samples do not fit, the runtime was ended. */
  unmeasured: problemSchema.optional(),
})
export type Candidate = z.infer<typeof candidateSchema>

export const reportSchema = z.object({
  lathe: z.string(),
  /** ISO 8601. */
  date: z.string(),
  machine: machineSchema,
  protocol: protocolSchema.nullable(),
  baseline: z.object({
    path: z.string(),
    hash: z.string(),
    bytes: z.number(),
    parameters: z.number(),
    nodes: z.number().int(),
    nodesDeep: z.number().int(),
    opsets: z.record(z.string(), z.number()),
  }),
  pipeline: z.string(),
  target: z.string(),
  data: z.string(),
  /** `null` without a dataset. */
  preparation: preparationSchema.nullable(),
  stages: z.array(stageReportSchema),
  candidates: z.array(candidateSchema),
  notes: z.array(z.string()),
  /** Command lines that make this report again. */
  commands: z.array(z.string()),
})
export type Report = z.infer<typeof reportSchema>
