import { ProblemError } from '../api/problem.ts'
import type { Model } from '../ir/model.ts'
import { openedReference, referencesOf } from '../ir/reference.ts'
import type { Node } from '../ir/value.ts'

/**
 * The nodes that a list of names keeps as they are. A name is a node reference, the start of one up to a `/` (a scope: everything in it),
 * or `#<id>` of a node. References and ids of the opened model also mean what became of their nodes.
 * @throws ProblemError when a name means nothing: what the user wants kept must not be lost to a slip of the pen
 */
export function keptNodes(model: Model, names: readonly string[]): ReadonlySet<Node> {
  const kept = new Set<Node>()
  if (names.length === 0) return kept
  const references = referencesOf(model)
  for (const name of names) {
    let found = false
    for (const [node, reference] of references) {
      if (!means(name, reference, node) && !meansOrigin(name, node)) continue
      kept.add(node)
      found = true
    }
    if (!found) throw unknownName(name)
  }
  return kept
}

function means(name: string, reference: string, node: Node): boolean {
  if (reference === name || isIn(name, reference)) return true
  return name.startsWith('#') && (node.id === name.slice(1) || node.origins.has(name.slice(1)))
}

/** Whether a name of the opened model means the node: one that it stems from, or the scope of all of these. */
function meansOrigin(name: string, { graph, origins }: Node): boolean {
  const references = [...origins].map((id) => openedReference(graph.model, id))
  return references.includes(name) || (references.length > 0 && references.every((reference) => isIn(name, reference)))
}

const isIn = (scope: string, reference: string): boolean => reference.startsWith(scope.endsWith('/') ? scope : `${scope}/`)

const unknownName = (name: string): ProblemError =>
  new ProblemError({
    kind: 'input',
    code: 'unknown-node',
    what: `'${name}' is to be kept, but the model has no node or scope of that name`,
    where: { node: name, path: 'keep' },
    mend: 'Take the name from `inspect`, or drop it from `keep`.',
  })
