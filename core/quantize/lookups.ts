import type { Model } from '../ir/model.ts'
import { countOf } from '../ir/tensor.ts'
import type { Node } from '../ir/value.ts'
import { allNodes } from '../ir/walk.ts'
import { constantsOf, DynamicRewriter } from './dynamic.ts'
import { expandEmbeddings } from './expand-embeddings.ts'
import { type Lookup, lookupOf } from './operand.ts'
import { notFinite } from './problems.ts'
import { dropUnread } from './substitute.ts'
import type { Workers } from './workers.ts'

export interface LookupOptions {
  /** The pass that does it, for the lineage. */
  readonly rule: string
  readonly kept: ReadonlySet<Node>
  /** Tables with fewer elements stay in float. */
  readonly smallest: number
}

/** Stores embedding tables in 8 bits, a scale for each row; they are looked up and multiplied, nothing is summed. Gives back how many. */
export async function quantizeLookups(model: Model, { rule, kept, smallest }: LookupOptions, workers: Workers): Promise<number> {
  expandEmbeddings(model, rule, kept)
  const lookups = [...allNodes(model.graph)].flatMap((node): Lookup[] => {
    const lookup = kept.has(node) ? null : lookupOf(node)
    return lookup?.tensor.ref.dtype === 'float32' && countOf(lookup.tensor.ref.dims) >= smallest ? [lookup] : []
  })
  const rewriter = new DynamicRewriter()
  for (const lookup of lookups) {
    const [channels = 0, depth = 0] = lookup.tensor.ref.dims
    const matrix = { layout: 'rows', channels, depth } as const
    const weights = await workers.run('eight-bit', lookup.tensor, { matrix, grid: { grid: 'full', perChannel: true, summed: false } })
    if (!weights.finite) throw notFinite(lookup.weight.name)
    const read = constantsOf(lookup.node)
    model.lineage.during(rule, `the table '${lookup.weight.name}' is stored in 8 bits`, () => {
      rewriter.lookup(lookup, { ...weights, dims: lookup.tensor.ref.dims, layout: matrix.layout })
      dropUnread(read)
    })
  }
  return lookups.length
}
