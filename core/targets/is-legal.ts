import type { Target } from '../api/pipeline.ts'
import type { Node } from '../ir/value.ts'
import { lifetimeOf } from './kernels.ts'
import { legalOnCpu } from './ort/legal.ts'
import { legalInTensorrt } from './tensorrt/legal.ts'
import { tfliteContribOperators, tfliteOperators } from './tflite/operators.ts'

/**
 * Whether a node may stand in a model for a target: `true`, or the reason why not as a sentence. The node belongs to a graph, whose model says
 * which operator set it uses; element types that are not known are not held against it.
 */
export function isLegal(node: Node, target: Target): true | string {
  if (node.domain === 'lathe') return `lathe.${node.opType} is an operator of Lathe's own and must be lowered first`
  if (node.domain === '') {
    const known = isKnown(node, target)
    if (known !== true) return known
  }
  return rules[target](node)
}

const rules: Readonly<Record<Target, (node: Node) => true | string>> = {
  onnx: (node) => (node.domain === '' ? true : `${node.domain}.${node.opType} is no operator of the ONNX standard`),
  ort: legalOnCpu,
  tensorrt: legalInTensorrt,
  tflite: (node) => {
    if (node.domain === 'com.microsoft' && tfliteContribOperators.has(node.opType)) return true
    if (node.domain !== '') return `LiteRT has no counterpart of ${node.domain}.${node.opType}`
    return tfliteOperators.has(node.opType) ? true : `LiteRT has no counterpart of ${node.opType}`
  },
}

/** Operators that the runtime has in the standard domain although the standard does not. */
const runtimeOnly = new Set(['SimplifiedLayerNormalization', 'Affine', 'Crop', 'DynamicSlice', 'ImageScaler'])

/** Whether the operator set that the model imports has the operator. */
function isKnown({ opType, graph }: Node, target: Target): true | string {
  const { opset } = graph.model
  const lifetime = lifetimeOf(opType)
  if (lifetime === null) return target === 'ort' && runtimeOnly.has(opType) ? true : `there is no standard operator ${opType}`
  if (opset < lifetime.first) return `${opType} came with opset ${lifetime.first}, and the model is of opset ${opset}`
  return opset <= lifetime.last ? true : `${opType} left the standard after opset ${lifetime.last}, and the model is of opset ${opset}`
}
