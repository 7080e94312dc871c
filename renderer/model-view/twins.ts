import type { GraphIndex } from './graph-index.ts'

/** References of the nodes that stand at the same place in identical groups, the node itself included. */
export function twinsOf(index: GraphIndex, id: string): string[] {
  const node = index.nodes.get(id)
  if (!node) return []
  for (const group of node.path) {
    const shape = index.groups.get(group)?.shape
    const twins = [...index.groups.values()].filter((one) => one.shape === shape)
    const place = index.inside.get(group)?.findIndex((one) => one.id === id) ?? -1
    if (twins.length < 2 || place < 0) continue
    return twins.flatMap((twin) => index.inside.get(twin.id)?.[place]?.ref ?? [])
  }
  return [node.ref]
}
