import type { Model } from '../ir/model.ts'
import type { CanonicalForm } from '../structure/canonical-form.ts'
import { type Structure, structureOf } from '../structure/structure.ts'

const known = new WeakMap<Model, Structure>()

/** What a frozen version means; read once. `form`: its canonical form, where that is at hand. */
export function structureFor(model: Model, form?: CanonicalForm): Structure {
  const structure = known.get(model) ?? structureOf(model, form)
  known.set(model, structure)
  return structure
}

/** Reading the structure takes rewriting a copy; in a graph of more nodes than this nobody waits for it just to look. */
const largestAtOnce = 3000

/** The structure where it costs no noticeable wait; `null` where it does. */
export function structureAtHand(model: Model): Structure | null {
  return known.has(model) || model.graph.nodeCount <= largestAtOnce ? structureFor(model) : null
}
