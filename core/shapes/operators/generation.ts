import { intsOf } from '../../ir/attributes.ts'
import { dtypeOfCode } from '../../ir/dtype.ts'
import type { Shape } from '../../ir/value.ts'
import { attribute, type Call, type Family, type Infer, tensor } from '../operator.ts'

const typed = (call: Call) => dtypeOfCode(attribute(call, 'dtype', 1)) ?? null

const random: Infer = (call) => [tensor(typed(call), intsOf(call.node, 'shape'))]

const randomLike: Infer = (call) => [tensor(dtypeOfCode(attribute(call, 'dtype', 0)) ?? call.dtype(0), call.shape(0))]

const eyeLike: Infer = (call) => [tensor(dtypeOfCode(attribute(call, 'dtype', 0)) ?? call.dtype(0), call.shape(0))]

const windowed: Infer = (call) => [tensor(dtypeOfCode(attribute(call, 'output_datatype', 1)) ?? null, [call.known(0)?.entries[0] ?? null])]

const stft: Infer = (call) => {
  const batch: Shape = call.shape(0)
  return [tensor(call.dtype(0), [batch?.[0] ?? null, null, null, 2])]
}

/** A transform along one axis; real input becomes complex (a last axis of 2), and one-sided halves the axis. */
const dft: Infer = (call) => {
  const x = call.shape(0)
  if (x === null) return [tensor(call.dtype(0), null)]
  const plain = !call.has(1) && attribute(call, 'onesided', 0) === 0
  return [tensor(call.dtype(0), plain ? [...x.slice(0, -1), 2] : x.map(() => null))]
}

export const generation: Family = {
  DFT: { infer: dft },
  RandomNormal: { infer: random },
  RandomUniform: { infer: random },
  RandomNormalLike: { infer: randomLike },
  RandomUniformLike: { infer: randomLike },
  Bernoulli: { infer: randomLike },
  Multinomial: {
    infer: (call) => [
      tensor(dtypeOfCode(attribute(call, 'dtype', 6)) ?? null, [call.shape(0)?.[0] ?? null, attribute(call, 'sample_size', 1)]),
    ],
  },
  EyeLike: { infer: eyeLike },
  HannWindow: { infer: windowed },
  HammingWindow: { infer: windowed },
  BlackmanWindow: { infer: windowed },
  STFT: { infer: stft },
}
