import { float, int, intOf, ints } from '../../ir/attributes.ts'
import type { Attribute, Node, Value } from '../../ir/value.ts'
import type { Draft } from '../../rewrite/draft.ts'
import { any, type CapturesOf, oneOf, op, scalar } from '../../rewrite/pattern.ts'
import { type Rejection, type Replacements, reject } from '../../rewrite/rule.ts'
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

const plain = op('Softmax', [maskedScores()], { name: 'softmax', when: overKeys })
/** Rows without an open key are not a number after Softmax: PyTorch makes them zeros. */
const guarded = op('Where', [op('IsNaN', [any('guarded')]), scalar(0), plain])

/** What weighs the values: the Softmax over masked scores. */
export const weightsOfHeads = oneOf(plain, guarded)

type Scores = CapturesOf<typeof weightsOfHeads> & { readonly values: Value }

export interface Lifted {
  /** [batch, length, heads * size]. */
  readonly context: Value
  readonly heads: number
  readonly size: number
  readonly past: Past | null
  readonly presentKey: Value | undefined
  readonly presentValue: Value | undefined
}

/** The operator for what stands around a Softmax over the scores of heads, or why there is none. */
export function liftedHeads(found: Scores, draft: Draft): Lifted | Rejection {
  const { query, keys, values, softmax, guarded } = found
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
  if (isOfOne(queries.source) && !isOfOne(kept.source)) return reject('the queries are of one sequence and the keys of others', query)
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
  return { context: y as Value, heads: queries.heads, size: held.size, past, presentKey, presentValue }
}

const isOfOne = (source: Value): boolean => shapeOf(source)?.[0] === 1

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

/** The context seen as it was before, and all keys and values where some are of the past. */
export const replaced = (old: Value, by: Value, { past, presentKey, presentValue }: Lifted): Replacements => ({
  replace: [
    { old, by },
    ...(past === null
      ? []
      : [
          { old: past.key.joined, by: presentKey as Value },
          { old: past.value.joined, by: presentValue as Value },
        ]),
  ],
})
