import { textOf } from '../../ir/attributes.ts'
import type { ValueType } from '../../ir/value.ts'
import { type Call, type Family, tensor } from '../operator.ts'

/** One loss for every label, or one in all. */
const loss = (call: Call): ValueType | null => tensor(call.dtype(0), textOf(call.node, 'reduction', 'mean') === 'none' ? call.shape(1) : [])

export const training: Family = {
  NegativeLogLikelihoodLoss: { infer: (call) => [loss(call)] },
  SoftmaxCrossEntropyLoss: { infer: (call) => [loss(call), call.type(0)] },
}
