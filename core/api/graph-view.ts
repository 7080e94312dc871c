import { z } from 'zod'

const nodeViewSchema = z.object({
  /** Node id, stable across versions. */
  id: z.string(),
  ref: z.string(),
  opType: z.string(),
  domain: z.string(),
  name: z.string(),
  /** Group ids from the outside in. */
  path: z.array(z.string()),
  /** Layer id of the structure analysis, and what the node does in it. */
  layer: z.string().nullable(),
  role: z.string().nullable(),
  /** `''`: left out. What subgraphs of the node read of this graph comes after its own inputs. */
  inputs: z.array(z.string()),
  outputs: z.array(z.string()),
  /** What a row shows at its right end: `128x512`, `axis -1`. */
  detail: z.string(),
  weightBytes: z.number(),
  origins: z.array(z.string()),
  /** Subgraph ids (places to go into). */
  subgraphs: z.array(z.string()),
})
export type NodeView = z.infer<typeof nodeViewSchema>

/** A graph as the screen needs it: no weights. Edges follow from `inputs` and `outputs`, which are value names. */
export const graphViewSchema = z.object({
  version: z.string(),
  graph: z.string(),
  nodes: z.array(nodeViewSchema),
  /** Collapsible groups. Equal `shape` marks identical groups. */
  groups: z.array(
    z.object({ id: z.string(), name: z.string(), parent: z.string().nullable(), role: z.string().nullable(), shape: z.string() }),
  ),
  inputs: z.array(z.object({ name: z.string(), type: z.string() })),
  outputs: z.array(z.object({ name: z.string(), type: z.string() })),
  /** Type text of values, `float32 [batch, 128]`, and whether they are constants. */
  values: z.record(z.string(), z.object({ type: z.string(), constant: z.boolean() })),
})
export type GraphView = z.infer<typeof graphViewSchema>

/** All that the inspector shows of one node; fetched on selection. */
export const nodeDetailSchema = z.object({
  id: z.string(),
  ref: z.string(),
  opType: z.string(),
  domain: z.string(),
  doc: z.string(),
  role: z.string().nullable(),
  attributes: z.array(z.object({ name: z.string(), type: z.string(), value: z.string() })),
  inputs: z.array(z.object({ name: z.string(), type: z.string(), bytes: z.number().nullable() })),
  outputs: z.array(z.object({ name: z.string(), type: z.string() })),
  weights: z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      min: z.number(),
      max: z.number(),
      mean: z.number(),
      std: z.number(),
      /** Share of exact zeros, 0..1. */
      sparsity: z.number(),
      /** Counts of equal-width bins between min and max. */
      histogram: z.array(z.number().int()),
    }),
  ),
  origins: z.array(z.string()),
  history: z.array(z.object({ stage: z.string(), rule: z.string(), reason: z.string() })),
})
export type NodeDetail = z.infer<typeof nodeDetailSchema>
