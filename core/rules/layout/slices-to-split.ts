import { int } from '../../ir/attributes.ts'
import { int64Tensor } from '../../ir/numbers.ts'
import type { Node, Value } from '../../ir/value.ts'
import { any, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { knownOf, numbersIn } from '../../shapes/known.ts'
import { shapeOf } from '../../shapes/shape-facts.ts'

interface Part {
  readonly node: Node
  readonly axis: number
  readonly start: number
  readonly end: number
}

export const slicesToSplit = rule({
  id: 'slices-to-split',
  summary: 'Slices that together take a value apart along one axis are one Split.',
  fidelity: 'exact',
  pattern: op('Slice', [any('x'), any(), any(), any()], 'slice'),
  rewrite({ x, slice }, draft) {
    const own = partOf(slice)
    if (draft.opset() < 13 || own === null) return reject('its bounds are no constants, or it cuts more than one axis', slice)
    if (own.start !== 0) return reject('it is not the first part', slice)
    const parts = partsFrom(x, own)
    if (parts === null) return reject('the slices do not take the whole value apart', slice)
    const sizes = draft.constant(int64Tensor(parts.map(({ start, end }) => end - start)), 'split')
    const outputs = draft.ops('Split', [x, sizes], { axis: int(own.axis) }, parts.length)
    return { replace: parts.map(({ node }, i) => ({ old: node.outputs[0] as Value, by: outputs[i] as Value })) }
  },
})

/** The parts that follow one another from the first to the end of the axis; `null` when they leave gaps. */
function partsFrom(x: Value, first: Part): readonly Part[] | null {
  const size = shapeOf(x)?.[first.axis]
  const candidates = x.uses.flatMap(({ node, index }) => {
    const part = index === 0 && node.opType === 'Slice' && node.graph === first.node.graph ? partOf(node) : null
    return part !== null && part.axis === first.axis ? [part] : []
  })
  const parts = [first]
  for (let at = first.end; at !== size; at = (parts.at(-1) as Part).end) {
    const next = candidates.find(({ start }) => start === at)
    if (next === undefined) return null
    parts.push(next)
  }
  return parts.length > 1 ? parts : null
}

/** A Slice by constants along one axis of known size, step by step; its bounds counted from the front. */
function partOf(node: Node): Part | null {
  const [x, starts, ends, axes, steps] = node.inputs
  const numbers = (value: Value | null | undefined) => (value?.constant ? numbersIn(knownOf(value.constant)) : null)
  const [start, end, axis] = [starts, ends, axes].map((value) => (numbers(value)?.length === 1 ? (numbers(value)?.[0] as number) : null))
  const shape = x == null ? null : shapeOf(x)
  if (start == null || end == null || axis == null || shape === null || (steps != null && numbers(steps)?.[0] !== 1)) return null
  const positive = axis < 0 ? axis + shape.length : axis
  const size = shape[positive]
  if (typeof size !== 'number') return null
  const bound = (value: number) => Math.min(size, Math.max(0, value < 0 ? value + size : value))
  return bound(end) > bound(start) ? { node, axis: positive, start: bound(start), end: bound(end) } : null
}
