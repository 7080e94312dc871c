import type { Preset } from '../../api/answers.ts'

export const cpuInt8: Preset = {
  id: 'cpu-int8',
  summary: 'INT8 for CPUs: matrix products quantized as they run; convolutions with calibration data, float without.',
  pipeline: {
    lathe: 1,
    name: 'INT8 for CPU',
    target: 'ort',
    stages: [
      { id: 'tidy', pass: 'clean-up', options: {} },
      { id: 'fuse', pass: 'fuse', options: { residualSums: 'apart' } },
      { id: 'convolutions', pass: 'quantize-static', options: { operators: ['Conv'], withoutData: 'skip' } },
      { id: 'int8', pass: 'quantize-dynamic', options: { perChannel: true } },
    ],
  },
}
