import { z } from 'zod'
import { datasetSchema } from './dataset.ts'
import { pipelineSchema, targetSchema } from './pipeline.ts'
import { choicesSchema } from './recommendation.ts'

/** A model by path, or by the handle that opening it gave. */
const modelSchema = z.string()

/** External data outside the model's folder is read only when the user said yes to it: real paths that may be read. */
const confirmSchema = z.array(z.string()).optional()

export const openRequestSchema = z.object({ path: z.string(), confirm: confirmSchema })
export type OpenRequest = z.infer<typeof openRequestSchema>

/** A version of an open model: the source, or what a stage of a run made of it. */
export const versionRequestSchema = z.object({
  model: modelSchema,
  /** Run and stage; the source without them. */
  run: z.string().optional(),
  stage: z.string().optional(),
})
export type VersionRequest = z.infer<typeof versionRequestSchema>

/** A pipeline as a document, the name of a preset, or the path of a pipeline file. */
const pipelineNameSchema = z.union([pipelineSchema, z.string()])

export const planRequestSchema = z.object({
  /** Checked in full, with the path to what is wrong. */
  pipeline: z.unknown(),
  /** `stage-id.option=JSON`. */
  set: z.array(z.string()).optional(),
  /** Replaces the target of the document. */
  target: targetSchema.optional(),
})
export type PlanRequest = z.infer<typeof planRequestSchema>

const runtimeChoice = {
  /** Intra-op threads; all physical cores unless given. */
  threads: z.number().int().positive().optional(),
  /** Execution provider of the runtime: `cpu` unless given. */
  provider: z.string().optional(),
}

const brokenChoice = {
  /** Leave samples out that cannot be used, and count them, instead of refusing the dataset. */
  skipBroken: z.boolean().optional(),
}

export const runRequestSchema = z.object({
  model: modelSchema,
  pipeline: pipelineNameSchema,
  set: z.array(z.string()).optional(),
  target: targetSchema.optional(),
  /** Path of a dataset manifest. */
  data: z.string().nullable().optional(),
  /** Folder for the report and the candidates; without it nothing is written outside the store. */
  out: z.string().nullable().optional(),
  ...runtimeChoice,
  /** Compare numbers after every pass; on unless `false`. */
  verify: z.boolean().optional(),
  /** Measure the candidates; on unless `false`, which also turns `verify` off. */
  measure: z.boolean().optional(),
  /** Take up remembered results; on unless `false`. */
  cache: z.boolean().optional(),
  /** Weights in `model.onnx.data` beside the model; past 2 GiB always. */
  externalData: z.boolean().optional(),
  /** Timed rounds of each version. */
  rounds: z.number().int().positive().optional(),
  seed: z.number().int().optional(),
  ...brokenChoice,
  confirm: confirmSchema,
})
export type RunRequest = z.infer<typeof runRequestSchema>

export const benchRequestSchema = z.object({
  models: z.array(modelSchema).min(1),
  batch: z.array(z.number().int().positive()).optional(),
  /** Lengths of the inputs to time; the inputs are then made up. */
  sequence: z.array(z.number().int().positive()).optional(),
  /** Symbol in the shapes of the inputs that `sequence` is about; found unless given. */
  symbol: z.string().optional(),
  data: z.string().nullable().optional(),
  ...runtimeChoice,
  /** Several thread counts are timed one after the other. */
  threads: z.union([z.number().int().positive(), z.array(z.number().int().positive())]).optional(),
  /** Timed rounds of each model. */
  runs: z.number().int().positive().optional(),
  seed: z.number().int().optional(),
  ...brokenChoice,
})
export type BenchRequest = z.infer<typeof benchRequestSchema>

export const compareRequestSchema = z.object({
  baseline: modelSchema,
  candidate: modelSchema,
  data: z.string().nullable().optional(),
  ...runtimeChoice,
  rounds: z.number().int().positive().optional(),
  seed: z.number().int().optional(),
  ...brokenChoice,
})
export type CompareRequest = z.infer<typeof compareRequestSchema>

export const graphViewRequestSchema = versionRequestSchema.extend({
  /** A subgraph, by the id that its node gives in `subgraphs`; the main graph unless given. */
  graph: z.string().optional(),
})
export type GraphViewRequest = z.infer<typeof graphViewRequestSchema>

export const datasetRequestSchema = z.object({
  path: z.string(),
  /** The model that the samples are for: then they are fitted to its inputs. */
  model: modelSchema.optional(),
})
export type DatasetRequest = z.infer<typeof datasetRequestSchema>

export const proposeDatasetRequestSchema = z.object({
  model: modelSchema,
  /** The folder that holds the samples. */
  folder: z.string(),
  /** Show this manifest instead of the one that would be proposed. */
  manifest: datasetSchema.optional(),
})
export type ProposeDatasetRequest = z.infer<typeof proposeDatasetRequestSchema>

export const writeDatasetRequestSchema = z.object({
  folder: z.string(),
  manifest: datasetSchema,
  /** Write over a manifest that is there. */
  replace: z.boolean().optional(),
})
export type WriteDatasetRequest = z.infer<typeof writeDatasetRequestSchema>

export const diffRequestSchema = z.object({ a: versionRequestSchema, b: versionRequestSchema })
export type DiffRequest = z.infer<typeof diffRequestSchema>

export const recommendRequestSchema = z.object({
  model: modelSchema,
  data: z.string().nullable().optional(),
  target: targetSchema.optional(),
  /** Answers that are wished for; they hold where they are possible. */
  choices: choicesSchema.optional(),
})
export type RecommendRequest = z.infer<typeof recommendRequestSchema>

export const exportFormats = ['onnx', 'tflite'] as const

/** How a TFLite file stores float weights. */
export const tfliteWeights = ['float32', 'float16', 'int8', 'int4'] as const

export const exportRequestSchema = versionRequestSchema.extend({
  format: z.enum(exportFormats),
  /** File to write. */
  out: z.string(),
  /** Dataset manifest whose samples both versions run on; without it generated inputs. */
  verify: z.string().nullable().optional(),
  /** Skip the check of the written file altogether. */
  check: z.boolean().optional(),
  /** Image inputs of a TFLite file in NHWC. */
  nhwcInputs: z.boolean().optional(),
  /** The batch of a TFLite file stays open: programs resize its inputs. Fixed at 1 otherwise. */
  dynamicBatch: z.boolean().optional(),
  /** How a TFLite file stores weights that are float: `int8` and `int4` compute with them as they are (dynamic range). */
  weights: z.enum(tfliteWeights).optional(),
  /** Inputs and outputs of a TFLite file that computes in 8 bits are 8-bit themselves. */
  int8Borders: z.boolean().optional(),
  /** Write in spite of a failed verification. */
  force: z.boolean().optional(),
  externalData: z.boolean().optional(),
  /** Operator set of an .onnx file; not below that of the version. As it is unless given. */
  opset: z.number().int().positive().optional(),
  /** Write the report of the run, as a page and as JSON, and the pipeline beside the file; nothing where the run has no report. */
  report: z.boolean().optional(),
  /** Sizes of symbols of the inputs, for formats that want fixed shapes: `{ "sequence": 128 }`. */
  sizes: z.record(z.string(), z.number().int().positive()).optional(),
})
export type ExportRequest = z.infer<typeof exportRequestSchema>

export const wouldChangeRequestSchema = versionRequestSchema.extend({
  target: targetSchema.optional(),
  /** Options of passes by pass id; their defaults unless given. */
  options: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
})
export type WouldChangeRequest = z.infer<typeof wouldChangeRequestSchema>
