import type { Model } from '../ir/model.ts'
import { drawsRandomNumbers, isTraining } from '../ir/random.ts'
import { referencesOf } from '../ir/reference.ts'
import { allNodes } from '../ir/walk.ts'

/** Says so when a model gives other outputs each time it runs: figures of such a baseline are not repeatable. */
export function nondeterminism(model: Model): string[] {
  const found = [...allNodes(model.graph)].filter((node) => (drawsRandomNumbers(node) && !node.attributes.has('seed')) || isTraining(node))
  if (found.length === 0) return []
  const references = referencesOf(model)
  const names = found.slice(0, 3).map((node) => `${node.opType} '${references.get(node)}'`)
  const more = found.length > 3 ? ` and ${found.length - 3} more` : ''
  const training = found.some(isTraining)
    ? ' Dropout was left in training mode: the runtime drops it when it optimizes and honours it when not.'
    : ''
  return [`The model is not deterministic: ${names.join(', ')}${more} draw random numbers.${training}`]
}
