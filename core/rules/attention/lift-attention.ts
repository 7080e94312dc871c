import { float, int, intOf, ints, intsOf } from '../../ir/attributes.ts'
import type { Attribute, Node, Value } from '../../ir/value.ts'
import type { Draft } from '../../rewrite/draft.ts'
import { any, oneOf, op, scalar } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { rankOf, shapeOf } from '../../shapes/shape-facts.ts'
import { asHeads, type Heads, turnedHeadsOf, unrepeated, unturned } from './heads.ts'
import { composed } from './mask-terms.ts'
import { factorOf, maskedScores } from './masked-scores.ts'
import { type Past, pastOf } from './past.ts'
import { unscaled } from './unscaled.ts'

const overKeys = (softmax: Node): true | string => {
  const rank = rankOf(softmax.inputs[0] as Value)
  const axis = intOf(softmax, 'axis', softmax.graph.model.opset >= 13 ? -1 : 1)
  return axis === -1 || axis === (rank ?? 4) - 1 ? true : 'the Softmax does not run over the keys'
}

/** How a context [batch, heads, length, size] is turned before its heads are merged. */
const lengthFirst = '2,0,1,3'
const orders = new Set(['0,2,1,3', lengthFirst])
const orderOf = (transpose: Node): string => (intsOf(transpose, 'perm') ?? []).join()

const plain = op('Softmax', [maskedScores()], { name: 'softmax', when: overKeys })
/** Rows without an open key are not a number after Softmax: PyTorch makes them zeros. */
const guarded = op('Where', [op('IsNaN', [any('guarded')]), scalar(0), plain])

/**
 * softmax(q k^T * scale + mask) v over heads, whatever views, scalings, masks, pasts and repetitions of key and value heads surround it, to one
 * operator on [batch, length, heads * size]. Its mask is added to the scores and broadcasts to [batch, heads, length, keys]; with keys and values
 * of the past [batch, kv heads, past, size] it also gives out all of them. Source of the operation: Vaswani et al., "Attention Is All You
 * Need"; grouped heads: Ainslie et al., "GQA".
 */
export const liftAttention = rule({
  id: 'lift-attention',
  summary: 'Products, scaling, mask, past and Softmax of attention become one operator.',
  fidelity: 'rounding',
  pattern: op('Transpose', [op('MatMul', [oneOf(plain, guarded), any('values')], 'context')], {
    name: 'out',
    when: (node) => orders.has(orderOf(node)) || 'the context is not turned to [batch, length, heads, size], or the length first',
  }),
  rewrite(found, draft) {
    const { query, keys, values, softmax, guarded, out } = found
    if (guarded !== undefined && guarded !== softmax.outputs[0]) return reject('what is made zeros is not this Softmax', softmax)
    const [q, byQuery] = unscaled(query)
    const [k, byKeys] = unscaled(keys)
    const queries = asHeads(q, draft)
    if (queries === null) return reject('the number of heads or their size is not known', query)
    const past = pastOf(k, values, [query, found.term1, found.term2, found.open1, found.open2, found.closed1, found.closed2])
    const kept = past === null ? keyHeads(k, draft) : asHeads(past.key.fresh, draft)
    if (kept === null) return reject('the keys are not turned heads of a known number and size', keys)
    const held = asHeads(past === null ? unrepeated(values) : past.value.fresh, draft)
    if (held === null) return reject('the number of heads of the values is not known', values)
    if (kept.heads !== held.heads) return reject(`keys have ${kept.heads} heads and values ${held.heads}`, values)
    if (queries.heads % kept.heads !== 0) return reject(`${queries.heads} query heads do not divide into ${kept.heads} key heads`, keys)
    const scale = byQuery * byKeys * factorOf(found)
    // Kernels take 0 for none, and onnxruntime's standard Attention no negative one.
    if (!(scale > 0)) return reject(`the scores are scaled by ${scale}`, softmax)
    const mask = composed(found, draft)
    if (typeof mask === 'string') return reject(mask, softmax)
    const attributes: Record<string, Attribute> = {
      heads: int(queries.heads),
      kv_heads: int(kept.heads),
      scale: float(scale),
    }
    if (guarded !== undefined && mask !== null) attributes.safe = int(1)
    if (found.softcap !== undefined) attributes.softcap = float(found.softcap)
    const inputs = [queries.source, kept.source, held.source, mask, past?.key.past ?? null, past?.value.past ?? null]
    while (inputs.at(-1) === null) inputs.pop()
    const options = { outputs: past === null ? 1 : 3, name: softmax.name }
    const [y, presentKey, presentValue] = draft.ops('lathe.Attention', inputs, attributes, options)
    const context = orderOf(out) === lengthFirst ? draft.op('Transpose', [y as Value], { perm: ints([1, 0, 2]) }) : (y as Value)
    const seen = { old: out.outputs[0] as Value, by: draft.op('Reshape', [context, draft.ints([0, 0, queries.heads, held.size])]) }
    return { replace: past === null ? [seen] : [seen, ...presents(past, presentKey as Value, presentValue as Value)] }
  },
})

const presents = ({ key, value }: Past, presentKey: Value, presentValue: Value) => [
  { old: key.joined, by: presentKey },
  { old: value.joined, by: presentValue },
]

/** Keys as they go into the product: turned at once, or heads (perhaps repeated) with their last axes exchanged. */
function keyHeads(value: Value, draft: Draft): Heads | null {
  const turned = turnedHeadsOf(value, draft)
  if (turned !== null) return turned
  const upright = unturned(value)
  if (upright !== null) return asHeads(unrepeated(upright), draft)
  const [, heads, size] = shapeOf(value) ?? []
  if (typeof heads !== 'number' || typeof size !== 'number') return null
  const rows = draft.op('Transpose', [value], { perm: ints([0, 3, 1, 2]) })
  return { source: draft.op('Reshape', [rows, draft.ints([0, 0, heads * size])]), heads, size }
}
