import { z } from 'zod'

const ioSchema = z.object({ name: z.string(), dtype: z.string(), shape: z.array(z.union([z.number(), z.string(), z.null()])).nullable() })

/** What `inspect` tells of a model without running it. */
export const inspectionSchema = z.object({
  model: z.object({
    path: z.string(),
    bytes: z.number(),
    parameters: z.number(),
    nodes: z.number().int(),
    nodesDeep: z.number().int(),
    irVersion: z.number().int(),
    producer: z.string(),
    opsets: z.record(z.string(), z.number()),
    inputs: z.array(ioSchema),
    outputs: z.array(ioSchema),
  }),
  ops: z.record(z.string(), z.number()),
  /** `part`: what the layer does in its attention or feed-forward part, `query projection`; `null` where it is in none. */
  layers: z.array(
    z.object({ id: z.string(), name: z.string(), role: z.string(), part: z.string().nullable(), nodes: z.array(z.string()) }),
  ),
  structure: z.object({
    attention: z.array(
      z.object({
        id: z.string(),
        query: z.string().nullable(),
        key: z.string().nullable(),
        value: z.string().nullable(),
        output: z.string().nullable(),
        heads: z.number().nullable(),
        kvHeads: z.number().nullable(),
        headSize: z.number().nullable(),
      }),
    ),
    feedForward: z.array(z.object({ id: z.string(), kind: z.enum(['two-matrix', 'gated']), up: z.array(z.string()), down: z.string() })),
    norms: z.array(z.object({ id: z.string(), kind: z.string(), nodes: z.array(z.string()) })),
    blocks: z.array(z.object({ name: z.string(), count: z.number().int(), members: z.array(z.array(z.string())) })),
    /** Convolutions in a row whose results have one size; `channels`: of the widest. */
    stages: z.array(
      z.object({
        id: z.string(),
        size: z.array(z.union([z.number().int(), z.string()])),
        channels: z.number().int().nullable(),
        nodes: z.array(z.string()),
      }),
    ),
  }),
  fusable: z.array(z.object({ rule: z.string(), count: z.number().int(), instances: z.array(z.object({ nodes: z.array(z.string()) })) })),
  nearMisses: z.array(z.object({ rule: z.string(), reason: z.string(), at: z.string() })),
  /** `nodes`: references of what is one unit; the layer is that of the first. */
  sensitive: z.array(z.object({ layer: z.string(), role: z.string(), reason: z.string(), nodes: z.array(z.string()) })),
  warnings: z.array(z.string()),
})
export type Inspection = z.infer<typeof inspectionSchema>
