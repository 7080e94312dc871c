import { intsOf } from '../ir/attributes.ts'
import { isFloat } from '../ir/dtype.ts'
import type { Model } from '../ir/model.ts'
import { numbersOf } from '../ir/numbers.ts'
import type { Node, Value, ValueMap } from '../ir/value.ts'

export type Selection = Extract<ValueMap, { kind: 'select' }>

/** More positions than this are no selection that is computed instead of the whole. */
const mostKept = 16
/** Different selections that are looked for. */
const mostSelections = 4

/**
 * The positions that a model reads of computed values and no others: the first token of a classifier. Where another model computes nothing
 * else from there on, its values are such selections. Those that are told from the start, at axes counted from the front.
 */
export function selectionsIn(...models: readonly Model[]): readonly Selection[] {
  const found = new Map<string, Selection>()
  for (const { graph } of models)
    for (const node of graph.nodes) {
      const selection = selectionOf(node)
      if (selection !== null) found.set(JSON.stringify(selection), selection)
    }
  return [...found.values()].slice(0, mostSelections)
}

function selectionOf(node: Node): Selection | null {
  const [from] = node.inputs
  const type = from?.type
  if (!from || from.constant !== null || type?.kind !== 'tensor' || !isFloat(type.dtype) || type.shape === null) return null
  const found = node.opType === 'Gather' ? gathered(node) : node.opType === 'Slice' ? sliced(node) : null
  if (found === null || found.kept.length === 0 || found.kept.length > mostKept || found.kept.some((at) => at < 0)) return null
  return { kind: 'select', axis: found.axis < 0 ? found.axis + type.shape.length : found.axis, kept: found.kept }
}

type Found = Pick<Selection, 'axis' | 'kept'>

const constantInts = (value: Value | null | undefined): readonly number[] | null =>
  value?.constant ? [...numbersOf(value.constant)] : null

function gathered(node: Node): Found | null {
  const axis = node.attributes.get('axis')
  const kept = constantInts(node.inputs[1])
  return kept && { axis: axis?.type === 'int' ? axis.value : 0, kept }
}

/** One axis, step by step, between bounds that are counted from the start. */
function sliced(node: Node): Found | null {
  const [, starts, ends, axes, steps] = node.inputs
  const read = (input: Value | null | undefined, name: string) => constantInts(input) ?? intsOf(node, name)
  const [from, to, axis, step] = [read(starts, 'starts'), read(ends, 'ends'), read(axes, 'axes') ?? [0], constantInts(steps) ?? [1]]
  if (from?.length !== 1 || to?.length !== 1 || axis.length !== 1 || step[0] !== 1) return null
  const [first, last] = [from[0] as number, to[0] as number]
  if (first < 0 || last < 0 || last - first > mostKept) return null
  return { axis: axis[0] as number, kept: Array.from({ length: Math.max(0, last - first) }, (_, at) => first + at) }
}
