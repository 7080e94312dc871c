import type { NodeView } from '../../core/api/graph-view.ts'

/**
 * Nodes that a search finds: words must all occur (in operator type, name, role or a tensor's name), quotes ask for a whole name, slashes
 * for a regular expression. Those that are called so come first, then those that only touch a tensor of that name; each in graph order.
 */
export function searchNodes(nodes: Iterable<NodeView>, text: string): string[] {
  const wanted = text.trim()
  if (wanted === '') return []
  const matches = matcherOf(wanted)
  const all = [...nodes]
  const called = new Set(all.filter((node) => matches(ownTexts(node))))
  const touching = all.filter((node) => !called.has(node) && matches([...ownTexts(node), ...node.inputs, ...node.outputs]))
  return [...called, ...touching].map(({ id }) => id)
}

type Matcher = (texts: readonly string[]) => boolean

const ownTexts = ({ opType, name, role }: NodeView) => [opType, name, role ?? '']

function matcherOf(wanted: string): Matcher {
  const quoted = /^"(.+)"$/.exec(wanted)?.[1]
  if (quoted !== undefined) return (texts) => texts.includes(quoted)
  const pattern = regularExpression(wanted)
  if (pattern) return (texts) => texts.some((one) => pattern.test(one))
  const words = wanted.toLowerCase().split(/\s+/)
  return (texts) => words.every((word) => texts.some((one) => one.toLowerCase().includes(word)))
}

/** An expression that is still being typed finds nothing yet. */
function regularExpression(wanted: string): RegExp | null {
  const body = /^\/(.+)\/$/.exec(wanted)?.[1]
  if (body === undefined) return null
  try {
    return new RegExp(body, 'i')
  } catch {
    return /(?!)/
  }
}
