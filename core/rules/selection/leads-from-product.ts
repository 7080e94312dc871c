import { intOf } from '../../ir/attributes.ts'
import type { Node, Value } from '../../ir/value.ts'
import { qualified } from '../../rewrite/pattern.ts'
import { elementwise } from './elementwise.ts'
import { normalizations } from './normalizations.ts'

const computing: ReadonlySet<string> = new Set(['MatMul', 'lathe.Attention'])
const passing: ReadonlySet<string> = new Set([...elementwise, ...normalizations])

/** How many operators may lie between the selection and the product that becomes smaller. */
const farthest = 16

/**
 * Whether a selection, moved before this operator and those before it, reaches a product that nobody else reads: moving it saves time only then,
 * because each value that an operator reads is to be selected by itself.
 */
export function leadsFromProduct(node: Node, select: Node, steps = farthest): boolean {
  const type = qualified(node)
  if (computing.has(type)) return true
  if (steps === 0 || !passing.has(type)) return false
  return node.inputs.some((input) => {
    const producer = input?.producer ?? null
    return input !== null && producer !== null && isReadBy(input, node, select) && leadsFromProduct(producer, select, steps - 1)
  })
}

/** Whether nobody reads a value but an operator, and selections of the same positions. */
const isReadBy = (value: Value, reader: Node, select: Node): boolean =>
  !value.isOutput && value.uses.every(({ node }) => node === reader || isSameSelection(node, select))

const isSameSelection = (a: Node, b: Node): boolean =>
  a.opType === b.opType &&
  a.domain === b.domain &&
  intOf(a, 'axis', 0) === intOf(b, 'axis', 0) &&
  a.inputs.slice(1).every((input, i) => input === b.inputs[i + 1])
