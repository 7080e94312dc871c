import { z } from 'zod'

export const verdicts = ['better', 'worse', 'no clear difference', 'not comparable'] as const
export const verdictSchema = z.enum(verdicts)
export type Verdict = z.infer<typeof verdictSchema>

/** How figures were taken; no figure travels without it. */
export const protocolSchema = z.object({
  rounds: z.number().int(),
  warmup: z.number().int(),
  threads: z.number().int(),
  provider: z.string(),
  /** Graph optimization level of the sessions that were timed. */
  level: z.string(),
  /** Samples in one run. */
  batch: z.number().int(),
  /** How the order of versions was drawn, and the seed. */
  order: z.string(),
  seed: z.number().int(),
  /** `session.*` options given to the runtime. */
  sessionOptions: z.record(z.string(), z.string()),
  /** What the inputs were: `evaluation samples`, `random inputs, seed 7`. */
  inputs: z.string(),
})
export type Protocol = z.infer<typeof protocolSchema>

export const unavailableSchema = z.object({
  unavailable: z.string(),
  /** The reason is that numbers of the source are none in the candidate: NaN or infinite. */
  lost: z.boolean().optional(),
})
export type Unavailable = z.infer<typeof unavailableSchema>

/** Milliseconds of one run: median with its 95 % interval, and the tail. */
export const latencySchema = z.object({
  median: z.number(),
  low: z.number(),
  high: z.number(),
  p95: z.number(),
  p99: z.number(),
  runs: z.number().int(),
  /** Milliseconds of loading the model and of the run after it, each once in the process that timed. */
  loadMs: z.number().optional(),
  firstRunMs: z.number().optional(),
})
export type Latency = z.infer<typeof latencySchema>

/** candidate / baseline (below 1 is faster), 95 % interval from paired rounds. */
export const ratioSchema = z.object({
  ratio: z.number(),
  low: z.number(),
  high: z.number(),
  verdict: verdictSchema,
  /** Why nothing is claimed although the whole interval lies on one side of 1: half a sentence. */
  because: z.string().optional(),
})
export type Ratio = z.infer<typeof ratioSchema>

export const latencyPairSchema = z.union([ratioSchema.extend({ baseline: latencySchema, candidate: latencySchema }), unavailableSchema])
export type LatencyPair = z.infer<typeof latencyPairSchema>

/** A task metric of both versions on the same samples; `low` and `high` bound the difference candidate - baseline. */
export const accuracySchema = z.object({
  metric: z.string(),
  baseline: z.number(),
  candidate: z.number(),
  low: z.number(),
  high: z.number(),
  samples: z.number().int(),
  verdict: verdictSchema,
  /** `evaluation half not used by searches`, `random inputs, seed 7` ... */
  judgedOn: z.string(),
})
export type Accuracy = z.infer<typeof accuracySchema>

/** Bytes of both versions. */
export const bytesPairSchema = z.union([z.object({ baseline: z.number(), candidate: z.number() }), unavailableSchema])
export type BytesPair = z.infer<typeof bytesPairSchema>

/** Joules of one run of both versions: all that the processor packages took meanwhile, so also what else ran on them. */
export const joulesPairSchema = z.union([z.object({ baseline: z.number(), candidate: z.number() }), unavailableSchema])
export type JoulesPair = z.infer<typeof joulesPairSchema>

/** Where the bytes of a model go. By layer they stand in the rows of layers. */
export const storageSchema = z.object({
  /** Bytes of stored constants, by element type: `{ float32: 1200000, int8: 300000 }`. */
  byType: z.record(z.string(), z.number()),
  /** All else: the graph, names, metadata. */
  graph: z.number(),
  /** What gzip (level 6) makes of the whole; of large models estimated from blocks spread evenly over them. */
  gzip: z.union([z.object({ bytes: z.number(), estimated: z.boolean() }), unavailableSchema]),
})
export type Storage = z.infer<typeof storageSchema>

export const storagePairSchema = z.object({ baseline: storageSchema, candidate: storageSchema })
export type StoragePair = z.infer<typeof storagePairSchema>

/** Time spent on decoding, resizing and tokenizing samples; no part of any latency. */
export const preparationSchema = z.object({ ms: z.number(), samples: z.number().int() })
export type Preparation = z.infer<typeof preparationSchema>

/** How two models without a common record were related, and how much of that to believe. */
export const matchingSchema = z.object({
  /** Values whose numbers agree on a sample, of all that hold float numbers; `apart` of them by more than a few percent. */
  values: z.object({ matched: z.number().int(), of: z.number().int(), apart: z.number().int() }),
  /** Share of the candidate's nodes, arithmetic on shapes aside, that are matched by values, names or weights, 0..1. */
  nodes: z.number(),
  confidence: z.enum(['high', 'medium', 'low']),
  text: z.string(),
})
export type Matching = z.infer<typeof matchingSchema>

const deviation = {
  /** 10 log10(signal power / error power); null when both are equal (infinite). */
  sqnrDb: z.number().nullable(),
  cosine: z.number(),
  maxAbs: z.number(),
  meanAbs: z.number(),
}

/** Difference of a value between versions, over all samples; `local` is the error when the layer is fed with the baseline's inputs. */
export const layerErrorSchema = z.union([
  z.object({ ...deviation, local: z.number().nullable() }),
  unavailableSchema.extend({
    /** What the candidate gives there when it is run as it is written, in floats between what is quantized: a hint, not what is deployed. */
    simulated: z.object(deviation).optional(),
  }),
])
export type LayerError = z.infer<typeof layerErrorSchema>

export const cpuFeatures = ['avx2', 'avx512', 'avx512-vnni', 'avx-vnni', 'amx', 'neon', 'dotprod', 'i8mm'] as const

export const machineSchema = z.object({
  cpu: z.string(),
  cores: z.number().int(),
  memoryBytes: z.number(),
  platform: z.string(),
  arch: z.string(),
  features: z.array(z.enum(cpuFeatures)),
  /** Whether u8 x s8 products accumulate in 32 bits; without it they can saturate in 16. */
  int8DotProduct: z.boolean(),
  runtime: z.object({ name: z.string(), version: z.string(), providers: z.array(z.string()) }),
  node: z.string(),
  /** Load average of one minute when measuring began. */
  load: z.number(),
})
export type Machine = z.infer<typeof machineSchema>
