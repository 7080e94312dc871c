import type { Node, Use, Value } from '../ir/value.ts'

/** Operators that hand an index on unchanged, in another shape or type. */
const carriers: ReadonlySet<string> = new Set([
  ...['Identity', 'Cast', 'Reshape', 'Unsqueeze', 'Squeeze', 'Flatten', 'Transpose', 'Slice', 'Expand', 'Concat', 'Split', 'Tile'],
])

/** Operators that look rows up, and for each index input the input that is the table and the attribute with its axis. */
const lookups: Readonly<Record<string, readonly { readonly index: number; readonly table: number }[]>> = {
  Gather: [{ index: 1, table: 0 }],
  GatherElements: [{ index: 1, table: 0 }],
  GatherBlockQuantized: [{ index: 1, table: 0 }],
  EmbedLayerNormalization: [
    { index: 0, table: 2 },
    { index: 1, table: 4 },
    { index: 8, table: 3 },
  ],
}

/** The size of the smallest table that a value indexes, found by following it to its lookups; `null` when it indexes none of known size. */
export function smallestTable(value: Value): number | null {
  const sizes = finalUses(value).flatMap(({ node, index }) => tableSize(node, index) ?? [])
  return sizes.length === 0 ? null : Math.min(...sizes)
}

/** Whether something is divided by a value: integers must not be 0 then. */
export const isDivisor = (value: Value): boolean =>
  finalUses(value).some(({ node, index }) => index === 1 && (node.opType === 'Div' || node.opType === 'Mod'))

/** Uses of a value and of what carries it on. */
function finalUses(value: Value): Use[] {
  const seen = new Set<Value>([value])
  const uses: Use[] = []
  for (const current of seen) {
    for (const use of current.uses) {
      const { node, index } = use
      uses.push(use)
      if (carriers.has(node.opType) && index === 0) for (const output of node.outputs) seen.add(output)
      if (node.opType === 'Concat') seen.add(node.outputs[0] as Value)
    }
  }
  return uses
}

function tableSize(node: Node, index: number): number | null {
  const place = lookups[node.opType]?.find((each) => each.index === index)
  const table = place === undefined ? null : node.inputs[place.table]
  if (!table) return null
  const dims = dimsOf(table)
  const attribute = node.attributes.get(node.opType === 'GatherBlockQuantized' ? 'gather_axis' : 'axis')
  const axis = attribute?.type === 'int' ? attribute.value : 0
  const size = dims?.[axis < 0 ? axis + (dims?.length ?? 0) : axis]
  return typeof size === 'number' && size > 0 ? size : null
}

/** Dims of a table, looking through what stands between the stored table and the lookup. */
function dimsOf(value: Value): readonly (number | string | null)[] | null {
  if (value.constant !== null) return value.constant.ref.dims
  if (value.type?.kind === 'tensor' && value.type.shape !== null) return value.type.shape
  const producer = value.producer
  const through = producer !== null && ['DequantizeLinear', 'Cast', 'Identity'].includes(producer.opType) ? producer.inputs[0] : null
  return through ? dimsOf(through) : null
}
