import { z } from 'zod'

/** What changed between two graphs; node references on both sides. */
export const diffSchema = z.object({
  summary: z.object({ same: z.number(), changed: z.number(), fused: z.number(), added: z.number(), removed: z.number() }),
  pairs: z.array(
    z.object({
      kind: z.enum(['same', 'changed', 'fused', 'added', 'removed']),
      a: z.array(z.string()),
      b: z.array(z.string()),
      why: z.string(),
    }),
  ),
  /** `lineage` when it was recorded, `structure` when matched. */
  matchedBy: z.enum(['lineage', 'structure']),
})
export type Diff = z.infer<typeof diffSchema>
