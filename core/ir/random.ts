import type { Node } from './value.ts'

/** Operators whose result is another one each time they run, whatever domain they are of. */
const random = /^(Random|Bernoulli$|Multinomial$)/

/** Whether a node draws random numbers by what it is; a Dropout does so only in training. */
export const drawsRandomNumbers = ({ opType }: Pick<Node, 'opType'>): boolean => random.test(opType)
