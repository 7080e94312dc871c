import { Arithmetic } from '../arithmetic.ts'
import { output, text } from '../attributes.ts'
import type { Lowering } from '../conversion.ts'
import { Unconvertible } from '../unconvertible.ts'

/** A tensor with a label on each axis. */
interface Labelled {
  readonly tensor: number
  readonly labels: readonly string[]
}

/**
 * Einsum as matrix products: what appears in one operand alone is summed, pairs of operands are multiplied with their axes ordered as
 * [batch, own, contracted] and [batch, contracted, own], and the result is put in the order that is asked for.
 */
const einsum: Lowering = ({ node, to }) => {
  const a = new Arithmetic(to)
  const values = node.inputs.filter((value) => value !== null)
  if (values.some((value) => to.dtype(value) !== 'float32'))
    throw new Unconvertible('an Einsum of whole numbers', 'The runtime multiplies matrices of floats alone.')
  const dims = values.map((value) => to.dims(value))
  const { terms, result } = parsed(text(node, 'equation', ''), { dims, rank: to.dims(output(node)).length })
  const sizes = sizesOf(terms, dims)
  const operands = values.map((value, i) => withoutOnes(a, { tensor: to.plain(value), labels: terms[i] as readonly string[] }, sizes))
  const [first, ...others] = operands as [Labelled, ...Labelled[]]
  const keptAfter = (at: number): ReadonlySet<string> => new Set([...result, ...others.slice(at).flatMap(({ labels }) => labels)])
  const product = others.reduce(
    (left, right, i) =>
      multiplied(a, [left, summed(a, right, new Set([...keptAfter(i + 1), ...left.labels]))], { kept: keptAfter(i + 1), sizes }),
    summed(a, first, keptAfter(0)),
  )
  const order = result.map((label) => product.labels.indexOf(label))
  to.put(output(node), a.transpose(product.tensor, order))
}

/** The labels of each operand and of the result; an ellipsis becomes labels of its own, counted from the end. */
function parsed(equation: string, { dims, rank }: { dims: readonly (readonly number[])[]; rank: number }) {
  const [left = '', right] = equation.replaceAll(' ', '').split('->')
  const terms = left.split(',').map((term, i) => labelsOf(term, dims[i]?.length ?? 0))
  if (terms.some((labels) => new Set(labels).size < labels.length))
    throw new Unconvertible(`the equation '${equation}' takes a diagonal`, 'Take the diagonal with Gather before the Einsum.')
  if (right !== undefined) return { terms, result: labelsOf(right, rank) }
  const all = terms.flat()
  const dots = [...new Set(all.filter((label) => label.startsWith('.')))].toSorted((x, y) => Number(y.slice(1)) - Number(x.slice(1)))
  const once = [...new Set(all)].filter((label) => !label.startsWith('.') && all.indexOf(label) === all.lastIndexOf(label)).toSorted()
  return { terms, result: [...dots, ...once] }
}

function labelsOf(term: string, rank: number): string[] {
  const [before = '', after] = term.split('...')
  if (after === undefined) return [...before]
  const covered = rank - before.length - after.length
  return [...before, ...Array.from({ length: covered }, (_, i) => `.${covered - i}`), ...after]
}

/** The size of each label; one of 1 broadcasts. */
function sizesOf(terms: readonly (readonly string[])[], dims: readonly (readonly number[])[]): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>()
  terms.forEach((labels, i) => {
    labels.forEach((label, axis) => {
      sizes.set(label, Math.max(sizes.get(label) ?? 1, dims[i]?.[axis] ?? 1))
    })
  })
  return sizes
}

/** An axis of size 1 that stands for more in another operand is left out here: it multiplies all of them. */
function withoutOnes(a: Arithmetic, { tensor, labels }: Labelled, sizes: ReadonlyMap<string, number>): Labelled {
  const dims = a.dims(tensor)
  const kept = labels.map((label, axis) => dims[axis] === sizes.get(label))
  if (kept.every((keep) => keep)) return { tensor, labels }
  return {
    tensor: a.reshape(
      tensor,
      dims.filter((_, axis) => kept[axis]),
    ),
    labels: labels.filter((_, axis) => kept[axis]),
  }
}

/** Axes that nothing else has and nothing asks for are summed. */
function summed(a: Arithmetic, { tensor, labels }: Labelled, kept: ReadonlySet<string>): Labelled {
  const axes = labels.flatMap((label, axis) => (kept.has(label) ? [] : [axis]))
  if (axes.length === 0) return { tensor, labels }
  return { tensor: a.reduce('SUM', tensor, axes, false), labels: labels.filter((label) => kept.has(label)) }
}

function multiplied(
  a: Arithmetic,
  [x, y]: readonly [Labelled, Labelled],
  { kept, sizes }: { kept: ReadonlySet<string>; sizes: ReadonlyMap<string, number> },
): Labelled {
  const shared = x.labels.filter((label) => y.labels.includes(label))
  const batch = shared.filter((label) => kept.has(label))
  const contracted = shared.filter((label) => !kept.has(label))
  const own = (labelled: Labelled): string[] => labelled.labels.filter((label) => !shared.includes(label))
  const [left, right] = [own(x), own(y)]
  const count = (labels: readonly string[]): number => labels.reduce((product, label) => product * (sizes.get(label) ?? 1), 1)
  const matrix = ({ tensor, labels }: Labelled, order: readonly (readonly string[])[]): number => {
    const moved = a.transpose(
      tensor,
      order.flat().map((label) => labels.indexOf(label)),
    )
    return a.reshape(moved, order.map(count))
  }
  const product = a.product(matrix(x, [batch, left, contracted]), matrix(y, [batch, contracted, right]))
  const labels = [...batch, ...left, ...right]
  return {
    tensor: a.reshape(
      product,
      labels.map((label) => sizes.get(label) ?? 1),
    ),
    labels,
  }
}

export const einsums: Readonly<Record<string, Lowering>> = { Einsum: einsum }
