import { int, intOf } from '../../ir/attributes.ts'
import type { Dim, Node, Value } from '../../ir/value.ts'
import type { Draft } from '../../rewrite/draft.ts'
import { any, maybe, oneOf, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { minimumDim, sameDim } from '../../shapes/dim.ts'
import { rankOf, shapeOf } from '../../shapes/shape-facts.ts'
import { partsOf } from './halves.ts'
import { asHeads, withHeads } from './heads.ts'

const low = op('Sub', [op('Mul', [any('first'), any('cos')]), op('Mul', [any('second'), any('sin')])])
const high = op('Add', [op('Mul', [any('second'), any('cos')]), op('Mul', [any('first'), any('sin')])])

const alongLast = (concat: Node): true | string => {
  const axis = intOf(concat, 'axis', 0)
  return axis === -1 || axis === (rankOf(concat.outputs[0] as Value) ?? 0) - 1 || 'it does not join along the last axis'
}

/**
 * (a cos - b sin, b cos + a sin), rotary embedding written as the product of complex numbers, with a and b the halves of a head (the first LLaMA in many
 * ports) or its neighbours (the reference of LLaMA, gpt-fast), to one operator on [batch, length, heads * size]. Source: Su et al., "RoFormer".
 */
export const liftRotaryOfParts = rule({
  id: 'lift-rotary-of-parts',
  summary: 'Rotary position embedding of two parts of each head, each turned by itself, becomes one operator.',
  fidelity: 'rounding',
  pattern: op('Concat', [oneOf(op('Unsqueeze', [low, maybe(any())], 'beside'), low), oneOf(op('Unsqueeze', [high, maybe(any())]), high)], {
    name: 'joined',
    when: alongLast,
  }),
  rewrite({ first, second, cos, sin, beside, joined }, draft) {
    // A product says not which of its factors is the table.
    const [straight, exchanged] = [partsOf(first, second), partsOf(cos, sin)]
    const parts = [straight, exchanged].find((each) => each !== null && (rankOf(each.whole) ?? 0) >= 4)
    if (parts == null) return reject('what is turned are not the two parts of heads', joined)
    const tables = parts === straight ? [cos, sin] : [first, second]
    if ((parts.taken === 'halves') !== (beside === undefined))
      return reject('the parts are joined in another order than they were taken', joined)
    const dims = dimsOf(parts.whole)
    const size = dims?.[3]
    if (dims === null || typeof size !== 'number') return reject('the size of the heads is not known', parts.whole)
    const result = shapeOf(joined.outputs[0] as Value)
    if (beside === undefined ? result?.[3] !== size : result?.length !== 5 || result[4] !== 2)
      return reject('the parts are not put side by side', joined)
    const layouts = tables.map((table) => layoutOf(table, dims))
    const [layout] = layouts
    if (layout == null || layouts.some((each) => each !== layout))
      return reject('the tables are not known to be of all heads', tables[0] as Value)
    const perSequence = aligned(tables[0] as Value)?.[0] !== 1
    const target = draft.ints(perSequence ? [0, -1, size / 2] : [-1, size / 2])
    const [c, s] = tables.map((table) => draft.op('Reshape', [table, target]))
    const flat = parts.taken === 'pairs' ? draft.op('Reshape', [parts.whole, draft.ints([0, 0, 0, size])]) : parts.whole
    const attributes = (heads: number) => ({ heads: int(heads), ...(beside === undefined ? {} : { interleaved: int(1) }) })
    const rotated = (source: Value, heads: number) => draft.op('lathe.Rotary', [source, c as Value, s as Value], attributes(heads))
    const whole = layout === 'length first' ? besideLength(flat, dims, { rotated, draft }) : overHeads(flat, { rotated, draft })
    if (whole === null) return reject('the number of heads is not known', parts.whole)
    return beside === undefined ? whole : draft.op('Reshape', [whole, draft.ints([0, 0, 0, size / 2, 2])])
  },
})

interface Turning {
  readonly rotated: (source: Value, heads: number) => Value
  readonly draft: Draft
}

function overHeads(value: Value, { rotated, draft }: Turning): Value | null {
  const heads = asHeads(value, draft)
  return heads === null ? null : withHeads(rotated(heads.source, heads.heads), heads, draft)
}

function besideLength(value: Value, [, , heads, size]: readonly Dim[], { rotated, draft }: Turning): Value | null {
  if (typeof heads !== 'number' || typeof size !== 'number') return null
  const source = draft.op('Reshape', [value, draft.ints([0, 0, heads * size])])
  return draft.op('Reshape', [rotated(source, heads), draft.ints([0, 0, heads, size])])
}

/** The four axes of heads, the last the whole size also where pairs have one of their own. */
function dimsOf(whole: Value): readonly Dim[] | null {
  const shape = shapeOf(whole)
  if (shape?.length === 4) return shape
  const half = shape?.[3]
  return shape?.length === 5 && shape[4] === 2 && typeof half === 'number' ? [...shape.slice(0, 3), 2 * half] : null
}

/** The axes of a table as they broadcast to [batch, heads, length, size / 2] or [batch, length, heads, size / 2]. */
function aligned(table: Value): readonly Dim[] | null {
  const shape = shapeOf(table)
  return shape === null || shape.length > 4 ? null : [...Array.from({ length: 4 - shape.length }, () => 1), ...shape]
}

/** Whether heads come before the length, where a table tells: it has one row for each place and the same for all heads. */
function layoutOf(table: Value, dims: readonly Dim[]): 'heads first' | 'length first' | null {
  const shape = aligned(table)
  if (shape === null || shape[3] !== (dims[3] as number) / 2) return null
  const ofAll = shape[0] === 1 || sameDim(shape[0] ?? null, dims[0] ?? null)
  if (!ofAll) return null
  const rows = (axis: number) => asLong(shape[axis] ?? null, dims[axis] ?? null)
  if (shape[1] === 1 && rows(2) && shape[2] !== 1) return 'heads first'
  return shape[2] === 1 && rows(1) && shape[1] !== 1 ? 'length first' : null
}

/** Also the first `length` rows of a longer table, min(rows, length): of what broadcasts to it that is either all of them or one. */
const asLong = (rows: Dim, length: Dim): boolean =>
  rows === null ||
  sameDim(rows, length) ||
  (typeof rows === 'string' && /^min\(\d+, /.test(rows) && sameDim(rows, minimumDim(firstOf(rows), length)))

const firstOf = (minimum: string): number => Number(/\d+/.exec(minimum)?.[0])
