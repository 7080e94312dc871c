import type { Preset } from '../../api/answers.ts'

export const cpuInt8Static: Preset = {
  id: 'cpu-int8-static',
  summary: 'INT8 for CPUs with ranges from calibration data, for convolutions and matrix products alike.',
  pipeline: {
    lathe: 1,
    name: 'Static INT8 for CPU',
    target: 'ort',
    stages: [
      { id: 'tidy', pass: 'clean-up', options: {} },
      { id: 'fuse', pass: 'fuse', options: { residualSums: 'apart' } },
      { id: 'int8', pass: 'quantize-static', options: {} },
    ],
  },
}
