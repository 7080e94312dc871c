import { int, intOf, ints } from '../../ir/attributes.ts'
import { int64Tensor, numbersOf } from '../../ir/numbers.ts'
import type { Node, Value } from '../../ir/value.ts'
import type { Draft } from '../../rewrite/draft.ts'
import { type AnyPattern, any, type CapturesOf, constant, maybe, oneOf, op } from '../../rewrite/pattern.ts'
import { type Rejection, type Rewritten, reject } from '../../rewrite/rule.ts'
import { shapeOf } from '../../shapes/shape-facts.ts'
import { leadsFromProduct } from './leads-from-product.ts'

/** Few positions taken along one axis of what `inner` computes: a Gather by constant indices, or a Slice of one axis. */
export const selectionOf = <P extends AnyPattern>(inner: P) =>
  oneOf(
    op('Gather', [inner, constant('indices')], 'select'),
    op('Slice', [inner, constant('starts'), constant('ends'), constant('axes'), maybe(constant('steps'))], 'select'),
  )

const place = selectionOf(any())
type Place = CapturesOf<typeof place>

/** A selection as it can be made of any value. */
export interface Selection {
  readonly axis: number
  /** Which positions, where that can be said without knowing how long the axis is. */
  readonly kept: readonly number[] | null
  /** The same selection of another value along an axis of it. The axis stays, however many positions are left. */
  take(value: Value, axis: number, draft: Draft): Value
  /** What the selection gives out, made of what kept the axis. */
  finish(value: Value, draft: Draft): Value
}

/** Reads a selection of what `inner` computes, or says why it is better left where it is. */
export function readSelection(found: Place, inner: Node): Selection | Rejection {
  const { select } = found
  if (inner.outputs.filter(({ name }) => name !== '').length !== 1) return reject('the operator has several results', inner)
  const shape = shapeOf(inner.outputs[0] as Value)
  if (shape === null) return reject('the shape is not known', inner)
  const selection = select.opType === 'Gather' ? gathered(found as Gathered, shape.length) : sliced(found as Sliced, shape.length)
  if (selection === null) return reject('it is no selection along one axis', select)
  const { axis, count } = selection
  const size = shape[axis]
  if (count === 0) return reject('it takes nothing', select)
  if (count === null || !(typeof size === 'number' ? count < size : count === 1)) return reject('it leaves nothing out', select)
  if (!leadsFromProduct(inner, select)) return reject('no product would become smaller', inner)
  return selection
}

interface Gathered {
  readonly select: Node
  readonly indices: Value
}

interface Counted extends Selection {
  readonly count: number | null
}

/** Lists of indices this long are no selection of a few. */
const fewest = 16

function gathered({ select, indices }: Gathered, rank: number): Counted | null {
  const tensor = indices.constant
  if (tensor === null || tensor.ref.dims.length > 1 || tensor.ref.length > 8 * fewest) return null
  const positions = [...numbersOf(tensor)]
  const axis = positive(intOf(select, 'axis', 0), rank)
  const isScalar = tensor.ref.dims.length === 0
  return {
    axis,
    count: positions.length,
    kept: positions.every((position) => position >= 0) ? positions : null,
    take(value, along, draft) {
      const list = isScalar ? draft.constant(int64Tensor(positions), indices.name) : indices
      return draft.op('Gather', [value, list], { axis: int(along) }, { name: select.name, standsFor: select })
    },
    finish: (value, draft) => (isScalar ? withoutAxis(value, axis, select, draft) : value),
  }
}

/** Before operator set 13 the axes of a Squeeze are an attribute. */
function withoutAxis(value: Value, axis: number, select: Node, draft: Draft): Value {
  const options = { name: select.name, standsFor: select }
  return draft.opset() < 13
    ? draft.op('Squeeze', [value], { axes: ints([axis]) }, options)
    : draft.op('Squeeze', [value, draft.ints([axis], 'axes')], {}, options)
}

interface Sliced {
  readonly select: Node
  readonly starts: Value
  readonly ends: Value
  readonly axes: Value
  readonly steps: Value | null
}

function sliced({ select, starts, ends, axes, steps }: Sliced, rank: number): Counted | null {
  const [from, to, along, by] = [starts, ends, axes, steps].map((value) => (value?.constant ? [...numbersOf(value.constant)] : null))
  if (from == null || to == null || along == null || by?.some((step) => step !== 1)) return null
  // TensorFlow's exporter also names the axes that it keeps whole.
  const cuts = along.flatMap((axis, i) =>
    from[i] === 0 && (to[i] ?? 0) >= wholeEnd ? [] : [{ axis: positive(axis, rank), start: from[i] ?? 0, end: to[i] ?? 0 }],
  )
  const [cut] = cuts
  if (cut === undefined || cuts.length > 1) return null
  const { axis, start, end } = cut
  const size = shapeOf(select.outputs[0] as Value)?.[axis]
  const isFew = start >= 0 && end > start && end - start <= fewest
  return {
    axis,
    count: typeof size === 'number' ? size : isFew ? end - start : null,
    kept: isFew ? Array.from({ length: end - start }, (_, i) => start + i) : null,
    take(value, own, draft) {
      // All of them have one type, and the axis is another one.
      const areOwn = cuts.length === along.length && starts.constant?.ref.dtype === 'int64'
      const bounds = areOwn ? [starts, ends] : [draft.ints([start], starts.name), draft.ints([end], ends.name)]
      return draft.op('Slice', [value, ...bounds, draft.ints([own], 'axes')], {}, { name: select.name, standsFor: select })
    },
    finish: (value) => value,
  }
}

/** Ends of a Slice from here on mean all that is there. */
const wholeEnd = 2 ** 31 - 1

/** What stands for a selection whose operator now computes only what is selected. */
export function selectedFirst(selection: Selection, found: { select: Node; inner: Node; computed: Value }, draft: Draft): Rewritten {
  const { select, inner, computed } = found
  const { axis, kept } = selection
  const map = kept === null ? ({ kind: 'none' } as const) : ({ kind: 'select', axis, kept } as const)
  return {
    replace: [
      { old: select.outputs[0] as Value, by: selection.finish(computed, draft) },
      { old: inner.outputs[0] as Value, by: computed, map },
    ],
  }
}

const positive = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis)
