import type { Preset } from '../../api/answers.ts'

export const mobileInt8: Preset = {
  id: 'mobile-int8',
  summary: 'INT8 for phones, in operators that convert to TFLite; needs calibration data.',
  pipeline: {
    lathe: 1,
    name: 'INT8 for mobile',
    target: 'tflite',
    stages: [
      { id: 'tidy', pass: 'clean-up', options: {} },
      { id: 'fuse', pass: 'fuse', options: {} },
      { id: 'int8', pass: 'quantize-static', options: { activations: 'int8' } },
    ],
  },
}
