import { numbersOf } from './numbers.ts'
import type { Node } from './value.ts'

/** Operators whose result is another one each time they run, whatever domain they are of. */
const random = /^(Random|Bernoulli$|Multinomial$)/

/** Whether a node draws random numbers by what it is; a Dropout does so only in training. */
export const drawsRandomNumbers = ({ opType }: Pick<Node, 'opType'>): boolean => random.test(opType)

/** A Dropout with its third input a constant true, and a ratio above 0: the runtime drops it when it optimizes, and draws random numbers when not. */
export function isTraining(node: Node): boolean {
  if (node.opType !== 'Dropout' || node.domain !== '') return false
  const [ratio, mode] = [node.inputs[1]?.constant, node.inputs[2]?.constant]
  if (!mode || numbersOf(mode)[0] !== 1) return false
  return !ratio || numbersOf(ratio)[0] !== 0
}
