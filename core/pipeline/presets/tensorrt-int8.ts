import type { Preset } from '../../api/answers.ts'

export const tensorrtInt8: Preset = {
  id: 'tensorrt-int8',
  summary: 'Symmetric INT8 with quantization nodes where TensorRT looks for them; needs calibration data.',
  pipeline: {
    lathe: 1,
    name: 'INT8 for TensorRT',
    target: 'tensorrt',
    stages: [
      { id: 'tidy', pass: 'clean-up', options: {} },
      { id: 'fuse', pass: 'fuse', options: {} },
      { id: 'int8', pass: 'quantize-static', options: { activations: 'int8', symmetric: true } },
    ],
  },
}
