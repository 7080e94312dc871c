import { z } from 'zod'
import { calibrationMethods } from '../quantize/calibrate.ts'
import { weightGrids } from '../quantize/eight-bit.ts'
import { activationTypes } from '../quantize/grid.ts'

export const staticOptions = z.strictObject({
  operators: z
    .array(z.enum(['Conv', 'Gemm', 'MatMul']))
    .min(1, 'Name at least one of Conv, Gemm and MatMul, or leave the stage out')
    .default(['Conv', 'Gemm', 'MatMul'])
    .describe('Operators with constant weights that compute in 8 bits; what lies between convolutions follows them.'),
  format: z
    .enum(['qdq', 'qoperator'])
    .default('qdq')
    .describe('Quantizers around float operators, which every runtime fuses for itself, or the operators of 8-bit arithmetic themselves.'),
  activations: z
    .enum(activationTypes)
    .default('uint8')
    .describe(
      'uint8 is the fast one on x64 CPUs; int8 is what TensorRT wants. 16 bits are for targets that compute in them (phones with int16 activations); ONNX Runtime computes them in float.',
    ),
  symmetric: z.boolean().default(false).describe('Activation grids are centred at 0 (zero point 0 for int8).'),
  perChannel: z.boolean().default(true).describe('A scale for each output channel of a weight; otherwise one for the whole weight.'),
  weights: z
    .enum(['auto', ...weightGrids])
    .default('auto')
    .describe(
      'pair-safe gives the same result on every CPU; full uses the whole range and saturates on x86 without VNNI. auto is pair-safe wherever the target may be x86.',
    ),
  calibration: z
    .enum(calibrationMethods)
    .default('mse')
    .describe(
      'How the range of an activation follows from the samples: mse by the least squared error, entropy by the least loss of information, the others by the extremes.',
    ),
  percentile: z.number().min(50).max(100).default(99.99).describe('With calibration percentile: share of the elements that stays inside.'),
  samples: z.int().positive().default(128).describe('Calibration samples that are looked at, at most.'),
  embeddings: z.boolean().default(true).describe('Store embedding tables in 8 bits, a scale for each row.'),
  rounding: z
    .enum(['auto', 'nearest', 'adaptive'])
    .default('auto')
    .describe(
      'Whether each weight goes to the nearest level, or to the level above or below such that errors cancel out in the results (AdaRound). auto is adaptive for convolutions, whose inputs vary together, where that takes seconds.',
    ),
  biasCorrection: z
    .boolean()
    .default(true)
    .describe('Take back, in the biases, by how much rounding the weights shifts results on average.'),
  leastDecibels: z
    .number()
    .nullable()
    .default(15)
    .describe(
      'Layers stay in float around an activation whose rounding alone would leave the next results less than this ratio of signal to noise, on the mean of their channels. null: none do.',
    ),
  withoutData: z.enum(['fail', 'skip']).default('fail').describe('Without calibration samples: stop, or leave the model as it is.'),
  smallest: z.int().nonnegative().default(16).describe('Weights with fewer elements stay in float.'),
  keep: z.array(z.string()).default([]).describe('Node references or scopes that stay in float.'),
})
export type StaticOptions = z.infer<typeof staticOptions>
