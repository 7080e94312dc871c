import { ProblemError } from '../api/problem.ts'
import { Model } from '../ir/model.ts'
import type { Node } from '../ir/value.ts'
import type { PassContext } from '../pass.ts'
import { isLegal } from '../targets/is-legal.ts'
import { doing } from './doing.ts'
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

/** An operator of 8-bit arithmetic, or a quantizer, that was in the opened model already; `null` when it is in float. */
function quantizedNode(model: Model): Node | null {
  const found = model.graph.nodes.find(
    ({ id, opType }) => !id.startsWith('+') && /^(QuantizeLinear|QLinear\w+|\w+Integer|QGemm|QAttention|MatMulNBits)$/.test(opType),
  )
  return found ?? null
}

/** Why a pass found nothing to quantize. */
export function nothingToQuantize(model: Model): string {
  const node = quantizedNode(model)
  const replaceable = model.graph.inputs.filter(({ initializer }) => initializer !== null)
  if (node === null && replaceable.length > 0)
    return (
      `no operator here has constant float weights that it could quantize: ${doing(replaceable.length, 'weight', ['is an input', 'are inputs'])} of the model as well ` +
      `(${replaceable[0]?.name}${replaceable.length > 1 ? ' and others' : ''}), which whoever runs it may replace; export it with constants instead`
    )
  return node === null
    ? 'no operator here has constant float weights that it could quantize'
    : `the model is quantized already (it has a ${node.opType}), and what it has left of constant float weights does not qualify`
}

/** @throws ProblemError when the opened model was quantized already: its float ranges are gone, and a second rounding only loses. */
export function refuseQuantized(model: Model): void {
  const node = quantizedNode(model)
  if (node === null) return
  throw new ProblemError({
    kind: 'input',
    code: 'already-quantized',
    what: `The model is quantized already: it has a ${node.opType}`,
    where: { node: node.name === '' ? `#${node.id}` : node.name },
    mend: 'Start from the float model that it was made of.',
  })
}

/** @throws ProblemError when the target does not run an operator that a pass is about to write, before anything is computed for it */
export function refuseOperator(
  { domain, opType }: { readonly domain: string; readonly opType: string },
  { model, target }: { readonly model: Model; readonly target: PassContext['target'] },
  mend: string,
): void {
  const probe = new Model({}, new Map([['', Math.max(model.opset, 11)], ...(domain === '' ? [] : [[domain, 1] as const])]))
  const legal = isLegal(probe.graph.addNode({ domain, opType, inputs: [] }), target)
  if (legal === true) return
  throw new ProblemError({
    kind: 'unsupported',
    code: 'no-kernel',
    what: `For the target ${target} this cannot be had: ${legal}`,
    where: {},
    mend,
  })
}

/** Activations that meet weights hold no numbers. */
export const notFiniteActivation = (tensor: string, count: number, of: number): ProblemError =>
  new ProblemError({
    kind: 'input',
    code: 'activation-not-finite',
    what: `${count} of ${of} elements of an activation ${count === 1 ? 'is' : 'are'} NaN or infinite on the calibration samples`,
    where: { tensor },
    mend: 'Check the samples and the model on them, or keep the nodes that read this value.',
  })

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
