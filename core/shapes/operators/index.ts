import type { Node } from '../../ir/value.ts'
import type { Family, Operator } from '../operator.ts'
import { canonical } from './canonical.ts'
import { contrib } from './contrib.ts'
import { convolution } from './convolution.ts'
import { elementwise } from './elementwise.ts'
import { generation } from './generation.ts'
import { linear } from './linear.ts'
import { machineLearning } from './machine-learning.ts'
import { movement } from './movement.ts'
import { normalization } from './normalization.ts'
import { quantization } from './quantization.ts'
import { reduction } from './reduction.ts'
import { selection } from './selection.ts'
import { sequence } from './sequence.ts'
import { strings } from './strings.ts'
import { training } from './training.ts'

const standard: Family = {
  ...elementwise,
  ...movement,
  ...selection,
  ...reduction,
  ...linear,
  ...convolution,
  ...normalization,
  ...sequence,
  ...quantization,
  ...generation,
  ...strings,
  ...training,
}

const domains: Readonly<Record<string, Family>> = {
  '': standard,
  'com.microsoft': contrib,
  'ai.onnx.ml': machineLearning,
  lathe: canonical,
}

/** Inference of a node's operator; `null` for control flow, functions and operators that are not known. */
export const operatorOf = (node: Node): Operator | null => {
  const family = domains[node.domain]
  return family !== undefined && Object.hasOwn(family, node.opType) ? (family[node.opType] as Operator) : null
}
