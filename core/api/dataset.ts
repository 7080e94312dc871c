import { z } from 'zod'

/** What a manifest is called that lies beside the model or the samples that it is about. */
export const manifestName = 'dataset.json'

const splitSchema = z.strictObject({
  file: z.string(),
  /** Name of the array, column or class source that holds the labels. */
  labels: z.string().optional(),
})
export type Split = z.infer<typeof splitSchema>

export const metricKinds = ['accuracy', 'top5', 'perplexity', 'f1', 'mse', 'agreement', 'sqnr'] as const

export const metricSchema = z.strictObject({
  kind: z.enum(metricKinds),
  /** Name of the model output that is judged; the first one unless given. */
  output: z.string().optional(),
})
export type Metric = z.infer<typeof metricSchema>

const classesSchema = z
  .array(z.string())
  .min(1)
  .refine((names) => new Set(names).size === names.length, 'a class is named twice')
  .describe(
    "Names of the classes in the order of the model's outputs. Labels that are names become their place in this list; without it, their place in the sorted list of the names that the split holds.",
  )

const splits = { calibration: splitSchema.optional(), evaluation: splitSchema.optional(), selection: splitSchema.optional() }
const judged = { metric: metricSchema, classes: classesSchema.optional() }

const sideSchema = z.number().int().positive().max(8192)

/** A dataset manifest; paths are relative to it and stay inside its folder. */
export const datasetSchema = z.discriminatedUnion('kind', [
  z.strictObject({ lathe: z.literal(1), kind: z.literal('npz'), ...splits, ...judged }),
  z.strictObject({
    lathe: z.literal(1),
    kind: z.literal('images'),
    ...splits,
    ...judged,
    input: z.string().optional(),
    /** Height and width in pixels. */
    size: z.tuple([sideSchema, sideSchema]),
    layout: z.enum(['NCHW', 'NHWC']).default('NCHW'),
    channels: z.enum(['RGB', 'BGR', 'gray']).default('RGB'),
    /** One number for each channel. */
    mean: z.array(z.number()).optional(),
    std: z.array(z.number().positive()).optional(),
    /** Multiplied with the 0..255 pixel before mean and std. */
    scale: z.number().default(1 / 255),
  }),
  z.strictObject({
    lathe: z.literal(1),
    kind: z.literal('text'),
    ...splits,
    ...judged,
    tokenizer: z.string(),
    column: z.string().optional(),
    maxLength: z.number().int().positive(),
    padding: z.enum(['max', 'longest', 'none']).default('max'),
  }),
  z.strictObject({
    lathe: z.literal(1),
    kind: z.literal('table'),
    ...splits,
    ...judged,
    /** Model input -> columns that make it up. */
    columns: z.record(z.string(), z.array(z.string()).min(1)),
  }),
])
export type Dataset = z.infer<typeof datasetSchema>
