import { z } from 'zod'
import { levelSets } from '../quantize/block-grid.ts'

const width = z.union([z.literal(2), z.literal(4), z.literal(8)])

export const weightsOptions = z.strictObject({
  bits: width.default(4).describe('Stored width of the weights of matrix products.'),
  block: z
    .union([z.literal(16), z.literal(32), z.literal(64), z.literal(128), z.literal(256)])
    .default(32)
    .describe('Weights that share a scale.'),
  symmetric: z.boolean().default(false).describe('No zero points: a little smaller, a little less exact.'),
  method: z
    .enum(['auto', 'rtn', 'hqq', 'gptq'])
    .default('auto')
    .describe(
      'rtn rounds; hqq needs no samples and lessens the errors of the weights by zero points that are real numbers, half a bit a weight larger with blocks of 32 (embedding tables take none and are rounded); gptq makes up for each rounding in later weights, and needs calibration samples. auto is gptq where there are samples and it takes minutes at most, else rtn.',
    ),
  levels: z.enum(levelSets).default('uniform').describe('ternary and binary values are stored in 2 bits.'),
  form: z
    .enum(['matmul-nbits', 'qdq'])
    .default('matmul-nbits')
    .describe(
      "ONNX Runtime's own operators, or a block-wise DequantizeLinear that every runtime of operator set 21 reads (25 with 2 bits).",
    ),
  output: width.default(8).describe('Stored width of the layer of logits, whose errors nothing later averages out.'),
  attention: width
    .nullable()
    .default(null)
    .describe('Stored width of the projections of attention (query, key, value and output); null: as all products.'),
  embeddings: width.nullable().default(8).describe('Stored width of embedding tables; null leaves them in float.'),
  accuracyLevel: z
    .int()
    .min(0)
    .max(4)
    .default(4)
    .describe('4 computes in 8 bits, which is the fast way on CPUs; 0 leaves it to the runtime.'),
  samples: z.int().positive().default(128).describe('With gptq: calibration samples that are looked at, at most.'),
  damping: z.number().positive().default(0.05).describe('With gptq: share of the mean second moment that is added to each.'),
  smallest: z.int().nonnegative().default(2048).describe('Weights with fewer elements stay in float.'),
  keep: z.array(z.string()).default([]).describe('Node references or scopes that stay in float.'),
})
export type WeightsOptions = z.infer<typeof weightsOptions>
