import type { NodeProto } from './schema.ts'

/** References of the nodes of one list: the name when it is unique there and not empty, else `#<position>`. */
export function referencesIn(nodes: readonly NodeProto[], prefix: string): readonly string[] {
  const counts = new Map<string, number>()
  for (const { name = '' } of nodes) counts.set(name, (counts.get(name) ?? 0) + 1)
  return nodes.map(({ name = '' }, index) => `${prefix}${name !== '' && counts.get(name) === 1 ? name : `#${index}`}`)
}
