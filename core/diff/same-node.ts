import { isDeepStrictEqual } from 'node:util'
import { sameTensor } from '../ir/same-tensor.ts'
import type { Tensor } from '../ir/tensor.ts'
import type { Attribute, Node, Value, ValueId } from '../ir/value.ts'

/**
 * Whether two versions of a node do the same with the same: operator, attributes, constants, and inputs up to renaming.
 * Subgraphs are not looked into: their nodes are compared as nodes.
 * @param current the id under which a value's elements are found in the later version
 */
export function sameNode(before: Node, after: Node, current: (id: ValueId) => ValueId): boolean {
  return (
    before.opType === after.opType &&
    before.domain === after.domain &&
    before.inputs.length === after.inputs.length &&
    before.outputs.length === after.outputs.length &&
    sameAttributes(before, after) &&
    before.inputs.every((input, index) => sameInput(input, after.inputs[index] ?? null, current))
  )
}

/** What differs between two nodes, as a phrase: `weights of input 1`, `attribute axis`. */
export function differenceOf(before: Node, after: Node): string {
  if (before.opType !== after.opType || before.domain !== after.domain) return `${before.opType} became ${after.opType}`
  const names = new Set([...before.attributes.keys(), ...after.attributes.keys()])
  const attributes = [...names].filter((name) => !sameAttribute(before.attributes.get(name), after.attributes.get(name)))
  const weights = before.inputs.flatMap((input, index) => {
    const [old, now] = [input?.constant, after.inputs[index]?.constant]
    return old && now && !sameTensor(old, now) ? [typeChange(old, now) ?? `weights of input ${index}`] : []
  })
  const parts = [...attributes.map((name) => `attribute ${name}`), ...weights]
  if (before.inputs.length !== after.inputs.length) parts.push(`${before.inputs.length} inputs became ${after.inputs.length}`)
  return parts.length === 0 ? 'its inputs were rewired' : parts.join(', ')
}

function typeChange(old: Tensor, now: Tensor): string | null {
  if (old.ref.dtype !== now.ref.dtype) return `weights from ${old.ref.dtype} to ${now.ref.dtype}`
  const [from, to] = [old.ref.dims.join('x'), now.ref.dims.join('x')]
  return from === to ? null : `weights from ${from} to ${to}`
}

function sameInput(before: Value | null, after: Value | null, current: (id: ValueId) => ValueId): boolean {
  if (before === null || after === null) return before === after
  const [old, now] = [before.constant, after.constant]
  if (old !== null || now !== null) return old !== null && now !== null && sameTensor(old, now)
  return before.id === after.id || current(before.id) === current(after.id)
}

function sameAttributes(before: Node, after: Node): boolean {
  const names = new Set([...before.attributes.keys(), ...after.attributes.keys()])
  return [...names].every((name) => sameAttribute(before.attributes.get(name), after.attributes.get(name)))
}

function sameAttribute(before: Attribute | undefined, after: Attribute | undefined): boolean {
  if (before === undefined || after === undefined) return before === after
  if (before.type === 'graph' || before.type === 'graphs') return before.type === after.type
  if (before.type === 'tensor' && after.type === 'tensor') return sameTensor(before.value, after.value)
  if (before.type === 'tensors' && after.type === 'tensors') {
    return before.value.length === after.value.length && before.value.every((tensor, index) => sameTensor(tensor, after.value[index]!))
  }
  return isDeepStrictEqual(before, after)
}
