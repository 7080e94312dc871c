import type { Question } from './question.ts'

/** What the file is for. */
export const target: Question = {
  id: 'target',
  question: 'Where will it be deployed?',
  options: [
    {
      id: 'ort',
      title: 'ONNX Runtime on a CPU',
      because: () => 'It runs on this machine, so that everything can be measured here, and it has fused operators of its own.',
    },
    {
      id: 'onnx',
      title: 'Any ONNX runtime',
      because: () => 'Standard operators alone: it runs everywhere, and less can be fused.',
    },
    {
      id: 'tensorrt',
      title: 'TensorRT',
      because: () => "NVIDIA's GPUs: float16 at twice the pace of float32, and symmetric INT8. Its speed is not measured here.",
    },
    {
      id: 'tflite',
      title: 'LiteRT on phones',
      because: () => 'It is written as .tflite; INT8 is fastest there, with every range known ahead.',
    },
  ],
  preferred: ({ target }) => [target],
}
