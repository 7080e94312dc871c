import { ProblemError } from '../api/problem.ts'
import type { Model } from '../ir/model.ts'

/** A weight that cannot be put on any grid. */
export const notFinite = (tensor: string): ProblemError =>
  new ProblemError({
    kind: 'input',
    code: 'weights-not-finite',
    what: 'A weight holds NaN or infinite elements',
    where: { tensor },
    mend: 'Export the model again from weights that are finite, or keep the nodes that read it.',
  })

/** @throws ProblemError when the opened model was quantized already: its float ranges are gone, and a second rounding only loses. */
export function refuseQuantized(model: Model): void {
  const node = model.graph.nodes.find(
    ({ id, opType }) => !id.startsWith('+') && /^(QuantizeLinear|QLinear\w+|\w+Integer|QGemm)$/.test(opType),
  )
  if (node === undefined) return
  throw new ProblemError({
    kind: 'input',
    code: 'already-quantized',
    what: `The model is quantized already: it has a ${node.opType}`,
    where: { node: node.name === '' ? `#${node.id}` : node.name },
    mend: 'Start from the float model that it was made of.',
  })
}
