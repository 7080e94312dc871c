import { intOf } from '../ir/attributes.ts'
import type { Node, Value } from '../ir/value.ts'
import { unrepeated } from '../rules/attention/heads.ts'
import { shapeOf } from '../shapes/shape-facts.ts'
import type { CanonicalForm } from './canonical-form.ts'
import { products, projectionOfHeads, projectionsAfter } from './projection.ts'

/** One attention: its projections as nodes of the version (the product each comes from), and the sizes of its heads. */
export interface AttentionUnit {
  readonly id: string
  readonly query: Node | null
  readonly key: Node | null
  readonly value: Node | null
  readonly output: Node | null
  readonly heads: number | null
  readonly kvHeads: number | null
  readonly headSize: number | null
  /** Scores, mask and context: everything between the projections. */
  readonly core: readonly Node[]
}

const isAttention = (node: Node): boolean =>
  (node.domain === 'lathe' && node.opType === 'Attention') ||
  (node.domain === '' && node.opType === 'Attention') ||
  (node.domain === 'com.microsoft' &&
    ['Attention', 'MultiHeadAttention', 'GroupQueryAttention', 'QAttention', 'DecoderMaskedMultiHeadAttention'].includes(node.opType))

/** Every attention of a model, in order, however it is spelled: decomposed, fused, quantized. */
export function attentionsOf(form: CanonicalForm): readonly AttentionUnit[] {
  return form.model.graph.nodes.filter(isAttention).map((node, index) => unitOf(node, form, index))
}

function unitOf(node: Node, form: CanonicalForm, index: number): AttentionUnit {
  const back = (product: Node | null) =>
    product === null ? null : (form.nodesOf(product).find(({ opType }) => products.has(opType)) ?? null)
  const packed = node.domain === 'com.microsoft' && (node.opType === 'Attention' || node.opType === 'QAttention')
  const [query, key, value] = packed ? [node, node, node] : [0, 1, 2].map((at) => projectionOfHeads(node.inputs[at]))
  const output = node.outputs[0] === undefined ? null : (projectionsAfter(node.outputs[0])[0] ?? null)
  const heads = intOf(node, 'heads', null) ?? intOf(node, 'num_heads', null) ?? intOf(node, 'q_num_heads', null) ?? headsIn(node.inputs[0])
  const kvHeads = intOf(node, 'kv_heads', null) ?? intOf(node, 'kv_num_heads', null) ?? headsIn(node.inputs[1]) ?? heads
  const apart = headsIn(node.inputs[0]) !== null
  const hidden = packed
    ? shapeOf(node.outputs[0] as NonNullable<(typeof node.outputs)[0]>)?.[2]
    : node.inputs[0] && shapeOf(node.inputs[0])?.at(-1)
  return {
    id: `attention.${index}`,
    query: packed ? (form.nodesOf(node)[0] ?? null) : back(query ?? null),
    key: packed ? (form.nodesOf(node)[0] ?? null) : back(key ?? null),
    value: packed ? (form.nodesOf(node)[0] ?? null) : back(value ?? null),
    output: back(output),
    heads,
    kvHeads,
    headSize: typeof hidden !== 'number' || heads === null ? null : apart ? hidden : hidden / heads,
    core: form.nodesOf(node),
  }
}

/** The heads of a value [batch, heads, length, size], as the standard Attention takes it too; keys that are repeated for groups of queries count once. */
function headsIn(value: Value | null | undefined): number | null {
  if (value == null || shapeOf(value)?.length !== 4) return null
  const heads = shapeOf(unrepeated(value))?.[1]
  return typeof heads === 'number' ? heads : null
}
