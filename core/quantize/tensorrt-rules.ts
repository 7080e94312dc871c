import { intOf } from '../ir/attributes.ts'
import type { Model } from '../ir/model.ts'
import { numbersOf } from '../ir/numbers.ts'
import type { Node, Value } from '../ir/value.ts'
import { allNodes } from '../ir/walk.ts'

/** What TensorRT's explicit quantization asks of a pair of quantizers; each rule answers with what is wrong, or nothing. */
const rules: readonly ((node: Node) => string | null)[] = [
  (node) => (zeroPoints(node).every((zero) => zero === 0) ? null : 'has a zero point that is not 0'),
  (node) => (wholeType(node) === 'int8' ? null : `has ${wholeType(node)} values: only int8 is known`),
  (node) => (isWeight(node) || scaleCount(node) === 1 ? null : 'has a scale for each channel of an activation'),
  (node) =>
    isWeight(node) && scaleCount(node) > 1 && axisOf(node) !== channelAxis(node)
      ? 'has its scales on an axis that is not the output channels'
      : null,
  (node) => (positiveScales(node) ? null : 'has a scale that is not a positive number'),
]

const quantizers = new Set(['QuantizeLinear', 'DequantizeLinear'])

/** Breaches of the rules, each as a sentence that names the node. */
export function tensorrtBreaches(model: Model): string[] {
  return [...allNodes(model.graph)]
    .filter(({ domain, opType }) => domain === '' && quantizers.has(opType))
    .flatMap((node) => rules.flatMap((rule) => rule(node) ?? []).map((what) => `${node.opType} of '${node.inputs[0]?.name}' ${what}.`))
}

/** Notes for a report: what was checked, what was not run, and the command that builds an engine. */
export function tensorrtNotes(model: Model): string[] {
  const breaches = tensorrtBreaches(model)
  return [
    breaches.length === 0
      ? `The quantizers keep to ${rules.length} rules of TensorRT's explicit quantization; it was not run, since TensorRT is not here.`
      : `TensorRT would refuse this: ${breaches.slice(0, 3).join(' ')}`,
    'Build an engine with: trtexec --onnx=model.onnx --int8 --fp16 --saveEngine=model.plan',
  ]
}

const zeroPoints = ({ inputs }: Node): Iterable<number> & { every(test: (zero: number) => boolean): boolean } =>
  inputs[2]?.constant ? numbersOf(inputs[2].constant) : [0]

const scaleCount = ({ inputs }: Node): number => (inputs[1]?.constant ? numbersOf(inputs[1].constant).length : 1)

function positiveScales({ inputs }: Node): boolean {
  return inputs[1]?.constant != null && numbersOf(inputs[1].constant).every((scale) => scale > 0 && Number.isFinite(scale))
}

function wholeType({ inputs, opType }: Node): string {
  const typed = opType === 'DequantizeLinear' ? (inputs[0]?.constant ?? inputs[2]?.constant) : inputs[2]?.constant
  return typed?.ref.dtype ?? 'uint8'
}

const isWeight = ({ inputs }: Node): boolean => inputs[0]?.constant != null

const axisOf = (node: Node): number => intOf(node, 'axis', 1)

/** The axis of the output channels of a weight, by the operator that reads it. */
function channelAxis(node: Node): number {
  const reader = (node.outputs[0] as Value).uses[0]?.node
  if (reader?.opType === 'Gemm') return intOf(reader, 'transB', 0) === 0 ? 1 : 0
  return reader?.opType === 'Conv' ? 0 : 1
}
