import type { Model } from '../ir/model.ts'
import { numbersOf } from '../ir/numbers.ts'
import { drawsRandomNumbers } from '../ir/random.ts'
import { referencesOf } from '../ir/reference.ts'
import type { Node } from '../ir/value.ts'
import { allNodes } from '../ir/walk.ts'

/** Says so when a model gives other outputs each time it runs: figures of such a baseline are not repeatable. */
export function nondeterminism(model: Model): string[] {
  const found = [...allNodes(model.graph)].filter((node) => (drawsRandomNumbers(node) && !node.attributes.has('seed')) || trains(node))
  if (found.length === 0) return []
  const references = referencesOf(model)
  const names = found.slice(0, 3).map((node) => `${node.opType} '${references.get(node)}'`)
  const more = found.length > 3 ? ` and ${found.length - 3} more` : ''
  const training = found.some(trains)
    ? ' Dropout was left in training mode: the runtime drops it when it optimizes and honours it when not.'
    : ''
  return [`The model is not deterministic: ${names.join(', ')}${more} draw random numbers.${training}`]
}

/** Dropout with its third input a constant true, and a ratio above 0. */
function trains(node: Node): boolean {
  if (node.opType !== 'Dropout' || node.domain !== '') return false
  const [ratio, mode] = [node.inputs[1]?.constant, node.inputs[2]?.constant]
  if (!mode || numbersOf(mode)[0] !== 1) return false
  return !ratio || numbersOf(ratio)[0] !== 0
}
