import { drawsRandomNumbers } from '../ir/random.ts'
import type { Node } from '../ir/value.ts'
import { operatorOf } from './operators/index.ts'

/** Domains whose operators are defined as functions of their inputs, but for random ones. */
const defined: ReadonlySet<string> = new Set(['', 'ai.onnx.ml'])

/**
 * Whether a node gives the same outputs from the same inputs each time and does nothing besides, so that one of two may stand for both, or a
 * constant for it. Of other domains only the operators that are known here are taken for that, as the optimizer of ONNX Runtime does: code of a
 * user's own may draw, count, or read something else. Dropout is random in training.
 */
export function isPure(node: Node): boolean {
  if (drawsRandomNumbers(node) || node.opType.endsWith('Dropout')) return false
  return defined.has(node.domain) || operatorOf(node) !== null
}
