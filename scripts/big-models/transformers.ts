import { arrayBytes } from '../../core/ir/numbers.ts'
import { tensorOf } from '../../core/ir/tensor.ts'
import type { Scaling } from './scale.ts'

/** BERT-base (Devlin et al., 2018) out of the sample `text-bert`: 12 layers, hidden size 768, 12 heads of 64, 110 million weights. */
export const bertBase: Scaling = {
  layer: /layer\.(\d+)[./]/,
  layers: 12,
  sizes: new Map([
    [128, 768],
    [512, 3072],
    [1489, 30522],
    [64, 512],
  ]),
  integers: new Map([[32, 64]]),
  floats: new Map([[1 / Math.sqrt(32), 1 / 8]]),
  replaced: new Map([
    ['onnx::Slice_80', tensorOf('int64', [1, 512], arrayBytes(BigInt64Array.from({ length: 512 }, (_, at) => BigInt(at))))],
  ]),
}

/** A LLaMA of 1.1 billion weights out of `text_llama`: 20 layers, hidden size 2048, 32 heads of 64 over 16 key/value heads. */
export const llama1b: Scaling = {
  layer: /layers\.(\d+)[./]/,
  layers: 20,
  sizes: new Map([
    [128, 2048],
    [64, 1024],
    [352, 5888],
    [65, 32000],
  ]),
  integers: new Map([[32, 64]]),
  floats: new Map([[1 / Math.sqrt(32), 1 / 8]]),
  // Frequencies of the rotary embedding (Su et al., 2021): base 10,000, one for each pair of a head.
  replaced: new Map([
    ['onnx::Expand_129', tensorOf('float32', [1, 32, 1], arrayBytes(Float32Array.from({ length: 32 }, (_, at) => 10000 ** (-at / 32))))],
  ]),
}
