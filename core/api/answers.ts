import { z } from 'zod'
import {
  accuracySchema,
  bytesPairSchema,
  joulesPairSchema,
  latencyPairSchema,
  latencySchema,
  machineSchema,
  matchingSchema,
  preparationSchema,
  protocolSchema,
  storagePairSchema,
  unavailableSchema,
} from './measurement.ts'
import { pipelineSchema, targetSchema } from './pipeline.ts'
import { layerRowSchema } from './report.ts'

/** An open model: its handle, and what the title bar says of it. */
export const openedSchema = z.object({
  model: z.string(),
  path: z.string(),
  name: z.string(),
  bytes: z.number(),
  parameters: z.number(),
  nodes: z.number().int(),
  opset: z.number().int(),
  producer: z.string(),
  /** Path of the dataset.json beside the file; `null` where there is none that may be read. */
  data: z.string().nullable(),
  warnings: z.array(z.string()),
})
export type Opened = z.infer<typeof openedSchema>

/** One way out of a conflict, as an edit of the pipeline: each does away with it by itself. */
const mendSchema = z.discriminatedUnion('do', [
  z.object({ do: z.literal('move'), title: z.string(), stage: z.string(), before: z.string() }),
  z.object({ do: z.literal('remove'), title: z.string(), stage: z.string() }),
  z.object({ do: z.literal('set'), title: z.string(), stage: z.string(), option: z.string(), value: z.unknown() }),
  z.object({ do: z.literal('target'), title: z.string(), target: targetSchema }),
])
export type Mend = z.infer<typeof mendSchema>

/** A pipeline that can run: complete options, explicit wires, and what follows from them. */
export const planSchema = z.object({
  pipeline: pipelineSchema.required({ wires: true }),
  /** Stage ids in the order in which they run. */
  order: z.array(z.string()),
  /** Stage ids whose results are candidates. */
  leaves: z.array(z.string()),
  /** Stage id -> the stage before it, or `source`. */
  before: z.record(z.string(), z.string()),
  /** Conflicts that do not keep it from running: quantize before fuse, INT4 for a TFLite target. */
  warnings: z.array(z.object({ stage: z.string(), what: z.string(), mend: z.string(), mends: z.array(mendSchema) })),
})
export type Plan = z.infer<typeof planSchema>

export const presetSchema = z.object({ id: z.string(), summary: z.string(), pipeline: pipelineSchema })
export type Preset = z.infer<typeof presetSchema>

/** What `compare` prints of any two models. */
export const comparisonSchema = z.object({
  baseline: z.object({ path: z.string(), bytes: z.number(), nodes: z.number().int() }),
  candidate: z.object({ path: z.string(), bytes: z.number(), nodes: z.number().int() }),
  layers: z.array(layerRowSchema),
  accuracy: z.union([accuracySchema, unavailableSchema]),
  latency: latencyPairSchema,
  size: z.object({ baseline: z.number(), candidate: z.number() }),
  memory: bytesPairSchema,
  storage: storagePairSchema,
  energyJoules: joulesPairSchema,
  /** `null` without a dataset. */
  preparation: preparationSchema.nullable(),
  /** `null` where it is recorded how one was made from the other. */
  matching: matchingSchema.nullable(),
  /** Share of the candidate's kernel time that was tied to a layer, 0..1. */
  tied: z.union([z.number(), unavailableSchema]),
  protocol: protocolSchema.nullable(),
  machine: machineSchema,
  notes: z.array(z.string()),
})
export type Comparison = z.infer<typeof comparisonSchema>

/** What `export` wrote, and how it compares when both files run. */
export const exportedSchema = z.object({
  file: z.string(),
  /** Everything that belongs to the export: the file, and its external data. */
  files: z.array(z.string()),
  /** What was written beside it: the report as a page and as JSON, and the pipeline. */
  reports: z.array(z.string()),
  bytes: z.number(),
  ops: z.record(z.string(), z.number()),
  verification: z.union([
    z.object({
      maxAbs: z.number(),
      /** The largest difference in an output over the root mean square of that output, or over 1 where that is less. */
      maxRelative: z.number(),
      cosine: z.number(),
      /** Share of rows with the same largest output, or one as large but for rounding, 0..1. */
      agreement: z.number(),
      samples: z.number().int(),
      inputs: z.string(),
      passed: z.boolean(),
      /** How far the reference runtime is from itself when it computes in another order, over the same scale; taken where a file is not within the usual limit. */
      rounding: z.number().nullable(),
      /** What was not kept, where it did not pass. */
      why: z.string().nullable(),
      /** Of the written file in what ran it. */
      latencyMs: z.union([latencySchema, unavailableSchema]),
      /** The dataset's metric: of the model as it was opened, and of the written file. */
      accuracy: z.union([accuracySchema, unavailableSchema]),
      /** What the written file ran in: `LiteRT in WebAssembly`. */
      ranBy: z.string(),
    }),
    unavailableSchema,
  ]),
  unsupported: z.array(z.object({ node: z.string(), op: z.string(), reason: z.string() })),
  notes: z.array(z.string()),
})
export type Exported = z.infer<typeof exportedSchema>

/**
 * For every pass: how many nodes it would change, or why none. Where `nodes` is `null` it must run to know (it needs data or time); then it
 * changes no more than `atMost`, where it can tell that.
 */
export const wouldChangeSchema = z.array(
  z.object({
    pass: z.string(),
    nodes: z.number().int().nullable(),
    atMost: z.number().int().nullable(),
    why: z.string().nullable(),
  }),
)
export type WouldChange = z.infer<typeof wouldChangeSchema>

export const datasetInfoSchema = z.object({
  path: z.string(),
  kind: z.string(),
  metric: z.string(),
  calibration: z.number().int(),
  evaluation: z.number().int(),
  selection: z.number().int(),
  inputs: z.array(z.object({ name: z.string(), type: z.string() })),
  notes: z.array(z.string()),
})
export type DatasetInfo = z.infer<typeof datasetInfoSchema>
