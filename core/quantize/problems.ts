import { ProblemError } from '../api/problem.ts'
import type { Model } from '../ir/model.ts'
import type { PassContext } from '../pass.ts'
import { type ActivationType, is16Bit } from './grid.ts'

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

/** @throws ProblemError when the target has no kernels for a format, before anything is computed for it */
export function refuseFormat(
  { format, activations }: { readonly format: 'qdq' | 'qoperator'; readonly activations: ActivationType },
  { target }: Pick<PassContext, 'target'>,
): void {
  if (format === 'qdq') return
  const why = is16Bit(activations)
    ? 'there are no operators of 16-bit arithmetic'
    : target === 'tensorrt' || target === 'tflite'
      ? `${target} reads quantizers only`
      : null
  if (why === null) return
  throw new ProblemError({
    kind: 'usage',
    code: 'no-kernel',
    what: `The format qoperator cannot be had: ${why}`,
    where: { path: 'format' },
    mend: 'Use format qdq.',
  })
}
