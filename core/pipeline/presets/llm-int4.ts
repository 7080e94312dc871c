import type { Preset } from '../../api/answers.ts'

export const llmInt4: Preset = {
  id: 'llm-int4',
  summary: 'Weights of matrix products in blocks of 4 bits: an eighth to read for every token.',
  pipeline: {
    lathe: 1,
    name: 'INT4 weights for language models',
    target: 'ort',
    stages: [
      { id: 'tidy', pass: 'clean-up', options: {} },
      { id: 'fuse', pass: 'fuse', options: { residualSums: 'apart' } },
      { id: 'int4', pass: 'quantize-weights', options: { bits: 4 } },
    ],
  },
}
