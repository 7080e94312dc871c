import type { Node, Value } from '../ir/value.ts'
import { isValue } from './equality.ts'
import { qualified } from './pattern.ts'

/** How a reason names a node; those that rewriting made have names that no file knows. */
export const describeNode = (node: Node): string =>
  node.name === '' || !node.origins.has(node.id)
    ? `${/^[AEIO]/.test(node.opType) ? 'an' : 'a'} ${qualified(node)}`
    : `${qualified(node)} '${node.name}'`

/** How a reason names a value. */
export function describe(value: Value | null): string {
  if (value === null) return 'an input that is left out'
  if (value.constant !== null) return `the constant '${value.name}'`
  return value.producer === null ? `the input '${value.name}'` : `the result of ${describeNode(value.producer)}`
}

/** An initializer that is an input too has a value that whoever runs the model may replace. */
export const whyNoConstant = (value: Value | null): string =>
  value !== null && value.initializer !== null
    ? `'${value.name}' is also an input of the graph, so its value is no constant`
    : `${describe(value)} is no constant`

/** How a reason names what a capture holds. */
export function told(subject: unknown): string {
  if (subject === null) return 'an input that is left out'
  if (typeof subject !== 'object') return `the number ${String(subject)}`
  return isValue(subject) ? describe(subject) : describeNode(subject as Node)
}
