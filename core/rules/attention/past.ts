import { intOf } from '../../ir/attributes.ts'
import type { Node, Value } from '../../ir/value.ts'
import { sameDim } from '../../shapes/dim.ts'
import { shapeOf } from '../../shapes/shape-facts.ts'
import { unrepeated, unturned } from './heads.ts'

/** Keys or values [batch, kv heads, past + length, size]: those of steps before, and those of this step after them. */
export interface Joined {
  readonly past: Value
  readonly fresh: Value
  readonly joined: Value
}

export interface Past {
  readonly key: Joined
  readonly value: Joined
}

/**
 * The past of an attention, when its keys (turned for the product) and its values are both joined from one; `null` otherwise, and where one of
 * `others` is computed from what is joined: it could not be computed before the attention that gives it out.
 */
export function pastOf(keys: Value, values: Value, others: readonly (Value | undefined)[]): Past | null {
  const upright = unturned(keys)
  const [key, value] = [upright === null ? null : joinedOf(unrepeated(upright)), joinedOf(unrepeated(values))]
  if (key === null || value === null || key.joined === value.joined) return null
  const [before, held] = [shapeOf(key.past), shapeOf(value.past)]
  if (![0, 1, 2].every((axis) => sameDim(before?.[axis] ?? null, held?.[axis] ?? null))) return null
  const given = [...others, key.past, key.fresh, value.past, value.fresh].filter((other) => other !== undefined)
  return dependOn(given, [key.joined.producer, value.joined.producer]) ? null : { key, value }
}

function joinedOf(value: Value): Joined | null {
  const node = value.producer
  if (node?.opType !== 'Concat' || node.domain !== '' || node.inputs.length !== 2 || ![2, -2].includes(intOf(node, 'axis', 0))) return null
  const [past, fresh] = node.inputs as [Value, Value]
  const [before, now] = [shapeOf(past), shapeOf(fresh)]
  const alike = (axis: number, known: boolean) =>
    sameDim(before?.[axis] ?? null, now?.[axis] ?? null) && (!known || typeof now?.[axis] === 'number')
  return before?.length === 4 && now?.length === 4 && alike(0, false) && alike(1, true) && alike(3, true)
    ? { past, fresh, joined: value }
    : null
}

/** Whether values are computed, directly or not, from what one of some nodes gives out. */
function dependOn(values: readonly Value[], nodes: readonly (Node | null)[]): boolean {
  const seen = new Set<Node>()
  const stack = values.flatMap(({ producer }) => producer ?? [])
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (nodes.includes(node)) return true
    if (seen.has(node)) continue
    seen.add(node)
    for (const input of node.inputs) if (input?.producer) stack.push(input.producer)
  }
  return false
}
