import { z } from 'zod'

export const valueMapSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('identity') }),
  z.object({ kind: z.literal('permute'), perm: z.array(z.number().int()) }),
  z.object({ kind: z.literal('reshape') }),
  z.object({
    kind: z.literal('dequantize'),
    scale: z.array(z.number()),
    zeroPoint: z.array(z.number()),
    axis: z.number().int().nullable(),
  }),
  z.object({ kind: z.literal('select'), axis: z.number().int(), kept: z.array(z.number().int()) }),
  z.object({ kind: z.literal('none') }),
])

const bySchema = z.object({ stage: z.string(), rule: z.string() })

/** `lineage.json`: every node of both graphs, and which values carry the same thing. Refs are node references, values are value names. */
export const lineageSchema = z.object({
  lathe: z.string(),
  baseline: z.string(),
  candidate: z.string(),
  nodes: z.array(
    z.object({ ref: z.string(), kind: z.enum(['kept', 'changed', 'fused', 'added']), from: z.array(z.string()), by: z.array(bySchema) }),
  ),
  removed: z.array(z.object({ ref: z.string(), by: z.array(bySchema), why: z.string() })),
  values: z.array(z.object({ ref: z.string(), from: z.string(), map: z.array(valueMapSchema) })),
})
export type LineageDocument = z.infer<typeof lineageSchema>
