import { Axes } from '../../axes/axes.ts'
import type { Axis, Factors } from '../../axes/axis.ts'
import { intOf, ints } from '../../ir/attributes.ts'
import type { Dim, Node, Value } from '../../ir/value.ts'
import type { Draft } from '../../rewrite/draft.ts'
import { any, op, scalar } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { reshapeTarget, shapeOf } from '../../shapes/shape-facts.ts'

/**
 * Queries, keys and values that come from one product are told apart by a view [..., 3, heads, size], a permutation and a Gather: that is one
 * third of the product's columns, seen in the same order.
 */
export const sliceOfPacked = rule({
  id: 'slice-of-packed',
  summary: 'One of several projections packed into one product is a slice of it, taken before any view.',
  fidelity: 'exact',
  housekeeping: true,
  pattern: op('Gather', [any('viewed'), scalar('index')], { name: 'gather', when: (node) => isOne(node) }),
  rewrite({ viewed, index, gather }, draft) {
    const found = packedBehind(viewed, gather)
    if (found === null) return reject('it is not known to be a part of the columns of one product', gather)
    const { source, axes, count } = found
    const own = axes.of(source) as readonly Factors[]
    const columns = shapeOf(source)?.at(-1) as number
    const width = columns / count
    const bounds = [index * width, (index + 1) * width].map((bound) => draft.ints([bound]))
    const slice = draft.op('Slice', [source, ...bounds, draft.ints([own.length - 1]), draft.ints([1])])
    const at = positive(gather, viewed)
    const wanted = (axes.of(viewed) as readonly Factors[]).filter((_, axis) => axis !== at)
    const by = arranged(slice, [...own.slice(0, -1), (own.at(-1) as Factors).slice(1)], { wanted, draft })
    if (by === null) return reject('its axes are not those of the product in another order', gather)
    // As many axes are not the same ones: where one is of size 1, another may be two.
    const asTheyAre = wanted.every((factors) => factors.length === 1)
    const target = asTheyAre ? null : reshapeTarget(by.dims, shapeOf(gather.outputs[0] as Value))
    if (target === null && !asTheyAre) return reject('no constant says the final shape', gather)
    return target === null ? by.value : draft.op('Reshape', [by.value, draft.ints(target)])
  },
})

/** A scalar index takes an axis away. */
const isOne = (gather: Node): true | string => gather.inputs[1]?.constant?.ref.dims.length === 0 || 'it does not take one place of an axis'

const positive = (gather: Node, viewed: Value): number => {
  const axis = intOf(gather, 'axis', 0)
  return axis < 0 ? axis + (shapeOf(viewed)?.length ?? 0) : axis
}

const views: ReadonlySet<string> = new Set(['Reshape', 'Transpose', 'Squeeze', 'Unsqueeze', 'Flatten'])
const mostViews = 4

interface Packed {
  readonly source: Value
  readonly axes: Axes
  /** How many are packed. */
  readonly count: number
}

/** The value of which the gathered axis is the outermost part of the last axis. */
function packedBehind(viewed: Value, gather: Node): Packed | null {
  const chain: Node[] = []
  for (let source = viewed; chain.length < mostViews; ) {
    const node = source.producer
    if (node === null || node.domain !== '' || !views.has(node.opType)) return null
    chain.unshift(node)
    source = node.inputs[0] as Value
    const axes = new Axes()
    for (const each of chain) axes.follow(each)
    const [part] = axes.of(viewed)?.[positive(gather, viewed)] ?? []
    const last = axes.of(source)?.at(-1) ?? []
    if (
      part !== undefined &&
      last.length > 1 &&
      last[0] === part &&
      typeof part.size === 'number' &&
      typeof shapeOf(source)?.at(-1) === 'number'
    )
      return { source, axes, count: part.size }
  }
  return null
}

interface Arranging {
  readonly wanted: readonly Factors[]
  readonly draft: Draft
}

/** A value of these axes with their factors apart and in the wanted order; `null` when they are not the same. */
function arranged(value: Value, own: readonly Factors[], { wanted, draft }: Arranging): { value: Value; dims: readonly Dim[] } | null {
  const [from, to] = [own.flat(), wanted.flat()]
  const perm = to.map((axis) => from.indexOf(axis))
  if (from.length !== to.length || perm.includes(-1)) return null
  const sizes = (factors: readonly Axis[]) => factors.map(({ size }) => size)
  const target = apartTarget(own)
  if (target === null) return null
  const split =
    from.length === own.length && own.every((factors) => factors.length === 1) ? value : draft.op('Reshape', [value, draft.ints(target)])
  const turned = perm.every((axis, i) => axis === i) ? split : draft.op('Transpose', [split], { perm: ints(perm) })
  return { value: turned, dims: sizes(to) }
}

/** The constant that takes axes apart into their factors; `null` when more than one size would have to be left open. */
function apartTarget(own: readonly Factors[]): readonly number[] | null {
  const inPlace = own.findIndex((factors) => factors.length !== 1)
  let open = 0
  const target = own.flatMap((factors, axis) =>
    factors.map(({ size }) => {
      if (inPlace < 0 || axis < inPlace) return 0
      if (typeof size === 'number') return size
      open += 1
      return -1
    }),
  )
  return open > 1 ? null : target
}
