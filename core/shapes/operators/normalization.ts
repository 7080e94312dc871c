import type { Dim, ValueType } from '../../ir/value.ts'
import { attribute, axisOf, type Call, type Family, type Infer, likeFirst, tensor } from '../operator.ts'

/** Mean and inverse deviation keep the axes before `axis` and have size 1 behind it. */
function statistics(call: Call): ValueType | null {
  const x = call.shape(0)
  const axis = x === null ? null : axisOf(attribute(call, 'axis', -1), x.length)
  return tensor('float32', x === null || axis === null ? null : x.map((dim, i): Dim => (i < axis ? dim : 1)))
}

/** The result has the type of the scale: before operator set 17, runtimes let it differ from the input's. */
const layerNormalization: Infer = (call) => [tensor(call.dtype(1) ?? call.dtype(0), call.shape(0)), statistics(call), statistics(call)]

/** Running statistics of training mode have the shape of the scale. */
const batchNormalization: Infer = (call) => [call.type(0), ...call.node.outputs.slice(1).map(() => call.type(3))]

export const normalization: Family = {
  // What onnxruntime registers in the standard domain although the standard has no such operator.
  SimplifiedLayerNormalization: { infer: layerNormalization },
  BatchNormalization: { infer: batchNormalization },
  InstanceNormalization: { infer: likeFirst },
  GroupNormalization: { infer: likeFirst },
  LayerNormalization: { infer: layerNormalization },
  RMSNormalization: { infer: layerNormalization },
}
