import { Arithmetic } from '../arithmetic.ts'
import { constantNumbers, input, number, optional, output } from '../attributes.ts'
import type { Conversion, Lowering, LoweringContext } from '../conversion.ts'
import { Unconvertible } from '../unconvertible.ts'

/** What a position that may not be seen gets added: far below every score, and finite, as the runtime's softmax wants it. */
const unseen = -1e9

/** [batch, heads, length, size] of an input that may have its heads in the last axis. */
function inHeads(to: Conversion, a: Arithmetic, { tensor, heads }: { tensor: number; heads: number }): number {
  const dims = a.dims(tensor)
  if (dims.length === 4) return tensor
  const [batch = 1, length = 1, width = 1] = dims
  return a.transpose(to.reshape(tensor, [batch, length, heads, width / heads]), [0, 2, 1, 3])
}

/** Every key head serves several query heads: repeated in place. */
function repeated(a: Arithmetic, tensor: number, heads: number): number {
  const own = a.dims(tensor)[1] as number
  if (own === heads) return tensor
  return a.gather(
    tensor,
    Array.from({ length: heads }, (_, head) => Math.floor((head * own) / heads)),
    1,
  )
}

/** A present of past and new steps; what the node gives out as such. */
function grown({ node, to }: LoweringContext, a: Arithmetic, { past, fresh, at }: { past: number; fresh: number; at: number }): number {
  const before = optional(node, past)
  const whole = before === null ? fresh : a.concat([to.plain(before), fresh], 2)
  const result = node.outputs[at]
  if (result !== undefined && result.name !== '') to.put(result, whole)
  return whole
}

/** Attention of operator set 23: softmax(q kT scale + mask) v, with grouped heads, softcap, causality and a cache. */
const attention: Lowering = (context) => {
  const { node, to } = context
  const a = new Arithmetic(to)
  const heads = (name: string) => number(node, name, 0)
  if (optional(node, 6) !== null)
    throw new Unconvertible('attention with lengths of padded keys and values', 'Give the padding as a mask instead.')
  const q = inHeads(to, a, { tensor: to.plain(input(node, 0)), heads: heads('q_num_heads') })
  const count = a.dims(q)[1] as number
  const kv = (at: number) => inHeads(to, a, { tensor: to.plain(input(node, at)), heads: heads('kv_num_heads') })
  const k = grown(context, a, { past: 4, fresh: kv(1), at: 1 })
  const v = grown(context, a, { past: 5, fresh: kv(2), at: 2 })
  const scores = scoresOf(context, a, { q, k: repeated(a, k, count) })
  const weights = a.softmax(scores.final)
  if (node.outputs[3] !== undefined && node.outputs[3].name !== '') {
    const mode = number(node, 'qk_matmul_output_mode', 0)
    to.put(node.outputs[3], [scores.raw, ...scores.stages, weights][mode] as number)
  }
  const mixed = a.product(weights, repeated(a, v, count))
  const dims = to.dims(output(node))
  to.put(output(node), dims.length === 4 ? mixed : to.reshape(a.transpose(mixed, [0, 2, 1, 3]), dims))
}

interface Scores {
  readonly raw: number
  /** After the softcap, and after the mask. */
  readonly stages: readonly [number, number]
  readonly final: number
}

function scoresOf(context: LoweringContext, a: Arithmetic, { q, k }: { q: number; k: number }): Scores {
  const { node } = context
  const size = a.dims(q)[3] as number
  const scale = number(node, 'scale', 1 / Math.sqrt(size))
  const raw = a.product(a.with('MUL', q, scale), k, { adjY: true })
  const softcap = number(node, 'softcap', 0)
  const capped = softcap === 0 ? raw : a.with('MUL', a.unary('TANH', a.with('DIV', raw, softcap)), softcap)
  const masked = withMask(context, a, capped)
  return { raw, stages: [capped, masked], final: masked }
}

function withMask({ node, to }: LoweringContext, a: Arithmetic, scores: number): number {
  const mask = optional(node, 3)
  const [length = 1, keys = 1] = a.dims(scores).slice(2)
  const seen = mask === null ? scores : a.binary('ADD', scores, asTerm(a, padded(a, to.plain(mask), keys)))
  if (number(node, 'is_causal', 0) === 0) return seen
  const past = optional(node, 4)
  const offset = past === null ? 0 : (to.dims(past)[2] as number)
  const triangle = Array.from({ length: length * keys }, (_, i) =>
    (i % keys) - offset > Math.floor(i / keys) ? Number.NEGATIVE_INFINITY : 0,
  )
  return a.binary('ADD', seen, to.floats(triangle, [length, keys]))
}

/** Keys behind the end of a shorter mask are not seen. */
function padded(a: Arithmetic, mask: number, keys: number): number {
  if (a.dims(mask).at(-1) !== keys) throw new Unconvertible('a mask that is shorter than the keys', 'Give the mask its full length.')
  return mask
}

/** A mask of truth values as a term: 0 where it is true. */
function asTerm(a: Arithmetic, mask: number): number {
  if (a.dtype(mask) !== 'bool') return mask
  return a.with('MUL', a.cast(a.unary('LOGICAL_NOT', mask), 'float32'), unseen)
}

/** RotaryEmbedding of operator set 23: the halves (or neighbours) of each head are turned by an angle that grows with the position. */
const rotaryEmbedding: Lowering = ({ node, to }) => {
  const a = new Arithmetic(to)
  const x = to.plain(input(node, 0))
  const given = a.dims(x)
  const heads = number(node, 'num_heads', 0)
  const [batch = 1, length = 1] = given.length === 4 ? [given[0], given[2]] : given
  const split = given.length === 4 ? a.transpose(x, [0, 2, 1, 3]) : to.reshape(x, [batch, length, heads, (given[2] as number) / heads])
  const size = a.dims(split)[3] as number
  const turning = number(node, 'rotary_embedding_dim', 0) || size
  const angle = (at: number): number => tableAt({ node, to }, a, { at, batch, length })
  const part = a.slice(split, { axis: 3, begin: 0, end: turning })
  const turned = turn(a, part, { cos: angle(1), sin: angle(2), interleaved: number(node, 'interleaved', 0) === 1 })
  const whole = turning === size ? turned : a.concat([turned, a.slice(split, { axis: 3, begin: turning, end: size })], 3)
  to.put(output(node), given.length === 4 ? a.transpose(whole, [0, 2, 1, 3]) : to.reshape(whole, given))
}

/** The cosines or sines for each position, as [batch, length, 1, half]. */
function tableAt(
  { node, to }: LoweringContext,
  a: Arithmetic,
  { at, batch, length }: { at: number; batch: number; length: number },
): number {
  const table = to.plain(input(node, at))
  const half = a.dims(table).at(-1) as number
  const ids = optional(node, 3)
  if (ids === null) return to.reshape(table, [batch, length, 1, half])
  const known = ids.constant === null ? to.plain(ids) : to.ints(constantNumbers(node, 3) ?? [], to.dims(ids))
  const rows = to.emit('GATHER', { inputs: [table, known], dims: [...to.dims(ids), half], dtype: 'float32', options: { axis: 0 } })
  return to.reshape(rows, [batch, length, 1, half])
}

function turn(a: Arithmetic, x: number, { cos, sin, interleaved }: { cos: number; sin: number; interleaved: boolean }): number {
  const size = a.dims(x)[3] as number
  const half = size / 2
  const positions = (first: number): number[] => Array.from({ length: half }, (_, i) => (interleaved ? 2 * i + first : i + first * half))
  const [left, right] = [a.gather(x, positions(0), 3), a.gather(x, positions(1), 3)]
  const real = a.binary('SUB', a.binary('MUL', left, cos), a.binary('MUL', right, sin))
  const imaginary = a.binary('ADD', a.binary('MUL', left, sin), a.binary('MUL', right, cos))
  const joined = a.concat([real, imaginary], 3)
  return interleaved
    ? a.gather(
        joined,
        Array.from({ length: size }, (_, i) => (i % 2) * half + Math.floor(i / 2)),
        3,
      )
    : joined
}

export const attentions: Readonly<Record<string, Lowering>> = { Attention: attention, RotaryEmbedding: rotaryEmbedding }
