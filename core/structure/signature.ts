import type { Node } from '../ir/value.ts'

/** Equal for parts that are made of the same operators, whatever their order. */
export function signature(nodes: readonly Node[], without: ReadonlySet<string> = new Set()): string {
  const counts = new Map<string, number>()
  for (const { opType } of nodes) if (!without.has(opType)) counts.set(opType, (counts.get(opType) ?? 0) + 1)
  return [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)).join(' ')
}
