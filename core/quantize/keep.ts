import { ProblemError } from '../api/problem.ts'
import type { Model } from '../ir/model.ts'
import { referencesOf } from '../ir/reference.ts'
import type { Node } from '../ir/value.ts'

/**
 * The nodes that a list of names keeps as they are. A name is a node reference, the start of one up to a `/` (a scope: everything in it),
 * or `#<id>` of a node: of one of the opened model its position, which also means what became of it.
 * @throws ProblemError when a name means nothing: what the user wants kept must not be lost to a slip of the pen
 */
export function keptNodes(model: Model, names: readonly string[]): ReadonlySet<Node> {
  const kept = new Set<Node>()
  if (names.length === 0) return kept
  const references = referencesOf(model)
  for (const name of names) {
    let found = false
    for (const [node, reference] of references) {
      if (!means(name, reference, node)) continue
      kept.add(node)
      found = true
    }
    if (!found) throw unknownName(name)
  }
  return kept
}

function means(name: string, reference: string, node: Node): boolean {
  if (reference === name || reference.startsWith(name.endsWith('/') ? name : `${name}/`)) return true
  return name.startsWith('#') && (node.id === name.slice(1) || node.origins.has(name.slice(1)))
}

const unknownName = (name: string): ProblemError =>
  new ProblemError({
    kind: 'input',
    code: 'unknown-node',
    what: `'${name}' is to be kept, but the model has no node or scope of that name`,
    where: { node: name, path: 'keep' },
    mend: 'Take the name from `inspect`, or drop it from `keep`.',
  })
