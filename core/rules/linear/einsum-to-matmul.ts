import { ints, textOf } from '../../ir/attributes.ts'
import type { Dim, Value } from '../../ir/value.ts'
import type { Draft } from '../../rewrite/draft.ts'
import { any, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { productOf, sameDim } from '../../shapes/dim.ts'
import { reshapeTarget, shapeOf } from '../../shapes/shape-facts.ts'

/** A value with a letter on each axis. */
interface Lettered {
  readonly value: Value
  readonly letters: string
  readonly dims: readonly Dim[]
}

/** The letters of a product of two values by what becomes of them. */
interface Roles {
  /** In both and in the result: one product each. */
  readonly batch: string
  /** In both and not in the result: summed over. */
  readonly summed: string
  /** Of the left one alone. */
  readonly rows: string
  /** Of the right one alone. */
  readonly columns: string
}

/**
 * Attention written with letters (`bhqd,bhkd->bhqk`) and dense layers that multiply and take apart in one step (Keras: `abc,cde->abde`) are matrix
 * products with their axes in another order, and that is the form in which other rules look for them.
 */
export const einsumToMatmul = rule({
  id: 'einsum-to-matmul',
  summary: 'An Einsum of two values is a MatMul, with its axes put in order before and after.',
  fidelity: 'rounding',
  pattern: op('Einsum', [any('a'), any('b')], 'einsum'),
  rewrite({ a, b, einsum }, draft) {
    const parsed = /^([a-zA-Z]+),([a-zA-Z]+)->([a-zA-Z]+)$/.exec(textOf(einsum, 'equation', '').replaceAll(' ', ''))
    if (parsed === null) return reject('the equation is not one of two values with all letters written out', einsum)
    const [, forA = '', forB = '', result = ''] = parsed
    if ([forA, forB, result].some((letters) => new Set(letters).size < letters.length)) return reject('it takes a diagonal', einsum)
    const operands: Lettered[] = []
    for (const [value, letters] of [
      [a, forA],
      [b, forB],
    ] as const) {
      const dims = shapeOf(value)
      if (dims?.length !== letters.length) return reject('the shape of an operand is not known', value)
      operands.push({ value, letters, dims })
    }
    const [first, second] = operands as [Lettered, Lettered]
    // What comes last in the result are columns: the operand that has it stands on the right.
    const [left, right] = first.letters.includes(result.at(-1) as string) ? [second, first] : [first, second]
    const unequal = [...left.letters].find(
      (letter) => right.letters.includes(letter) && !sameDim(sizeOf(letter, left), sizeOf(letter, right)),
    )
    if (unequal !== undefined) return reject(`the sizes of '${unequal}' are not known to be equal`, einsum)
    const roles = rolesOf(left.letters, right.letters, result)
    if (typeof roles === 'string') return reject(roles, einsum)
    return multiplied(left, right, { roles, result, draft }) ?? reject('no constant says the shapes between', einsum)
  },
})

const sizeOf = (letter: string, { letters, dims }: Lettered): Dim => dims[letters.indexOf(letter)] ?? null

function rolesOf(left: string, right: string, result: string): Roles | string {
  const among = (letters: string, keep: (letter: string) => boolean): string => [...letters].filter(keep).join('')
  const roles = {
    batch: among(result, (letter) => left.includes(letter) && right.includes(letter)),
    summed: among(left, (letter) => right.includes(letter) && !result.includes(letter)),
    rows: among(result, (letter) => left.includes(letter) && !right.includes(letter)),
    columns: among(result, (letter) => right.includes(letter) && !left.includes(letter)),
  }
  const all = Object.values(roles).join('').length
  if (all !== new Set(left + right).size) return 'it sums over an axis of one operand'
  if (roles.summed === '' || roles.rows === '' || roles.columns === '') return 'it is no product of matrices'
  // Products of vectors, one for each of many places, are what an Einsum may well do better.
  if (roles.batch !== '' && roles.rows.length > 1 && !left.startsWith(roles.batch)) return 'it is many products of vectors'
  return roles
}

interface Multiplying {
  readonly roles: Roles
  readonly result: string
  readonly draft: Draft
}

function multiplied(left: Lettered, right: Lettered, { roles, result, draft }: Multiplying): Value | null {
  const { batch, rows, columns, summed } = roles
  const a = merged(arranged(left, batch + rows + summed, draft), summed.length, draft)
  const turned = arranged(right, batch + summed + columns, draft)
  const lined = columns.length === 1 && summed.length === 1 ? turned : matrix(turned, { roles, draft })
  if (a === null || lined === null) return null
  // Rows of several axes are multiplied with the one matrix of their batch.
  const missing = batch === '' ? [] : Array.from({ length: rows.length - 1 }, (_, i) => batch.length + i)
  const b = missing.length === 0 ? lined.value : draft.op('Unsqueeze', [lined.value, draft.ints(missing)])
  const product = draft.op('MatMul', [a.value, b], {}, { name: draft.root.name })
  const before = [...(batch + rows)].map((letter) => sizeOf(letter, left))
  const after = [...columns].map((letter) => sizeOf(letter, right))
  const apart = taken(product, { from: [...before, productOf(after)], to: [...before, ...after], draft })
  if (apart === null) return null
  return arranged({ value: apart, letters: batch + rows + columns, dims: [...before, ...after] }, result, draft).value
}

function arranged(from: Lettered, letters: string, draft: Draft): Lettered {
  const perm = [...letters].map((letter) => from.letters.indexOf(letter))
  if (perm.every((axis, i) => axis === i)) return from
  return { value: draft.op('Transpose', [from.value], { perm: ints(perm) }), letters, dims: perm.map((axis) => from.dims[axis] ?? null) }
}

/** The last `count` axes as one. */
function merged(from: Lettered, count: number, draft: Draft): Lettered | null {
  const kept = from.dims.slice(0, -count)
  const dims = [...kept, productOf(from.dims.slice(-count))]
  const value = taken(from.value, { from: from.dims, to: dims, draft })
  return value === null ? null : { ...from, value, dims }
}

/** [batch, summed, columns], each of the latter two as one axis. */
function matrix({ value, letters, dims }: Lettered, { roles, draft }: { roles: Roles; draft: Draft }): Lettered | null {
  const [from, to] = [roles.batch.length, roles.batch.length + roles.summed.length]
  const wanted = [...dims.slice(0, from), productOf(dims.slice(from, to)), productOf(dims.slice(to))]
  const view = taken(value, { from: dims, to: wanted, draft })
  return view === null ? null : { value: view, letters, dims: wanted }
}

/** A view of other axes; `null` when no constant says them. */
function taken(value: Value, { from, to, draft }: { from: readonly Dim[]; to: readonly Dim[]; draft: Draft }): Value | null {
  if (from.length === to.length) return value
  const target = reshapeTarget(from, to)
  return target === null ? null : draft.op('Reshape', [value, draft.ints(target)])
}
