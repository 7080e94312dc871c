import type { NodeView } from '../../core/api/graph-view.ts'

/**
 * Nodes that a search finds, in graph order: words must all occur (in operator type, name, role or a tensor's name), quotes ask for a whole
 * name, slashes for a regular expression.
 */
export function searchNodes(nodes: Iterable<NodeView>, text: string): string[] {
  const wanted = text.trim()
  if (wanted === '') return []
  const matches = matcherOf(wanted)
  return [...nodes].filter(matches).map(({ id }) => id)
}

type Matcher = (node: NodeView) => boolean

const textsOf = ({ opType, name, role, inputs, outputs }: NodeView) => [opType, name, role ?? '', ...inputs, ...outputs]

function matcherOf(wanted: string): Matcher {
  const quoted = /^"(.+)"$/.exec(wanted)?.[1]
  if (quoted !== undefined) return (node) => textsOf(node).includes(quoted)
  const pattern = regularExpression(wanted)
  if (pattern) return (node) => textsOf(node).some((one) => pattern.test(one))
  const words = wanted.toLowerCase().split(/\s+/)
  return (node) => {
    const texts = textsOf(node).map((one) => one.toLowerCase())
    return words.every((word) => texts.some((one) => one.includes(word)))
  }
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
