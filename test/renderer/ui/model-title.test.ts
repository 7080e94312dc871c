import { expect, it } from 'vitest'
import { modelTitle } from '../../../renderer/ui/model-title.ts'

it.each([
  ['/home/me/nets/yolox_nano.onnx', 'yolox_nano.onnx', 'me / nets'],
  ['/home/me/samples/text-bert/model.onnx', 'text-bert / model.onnx', 'me / samples'],
  ['C:\\nets\\bert\\model_quantized.onnx', 'bert / model_quantized.onnx', 'C: / nets'],
  ['/models/modelnet.onnx', 'modelnet.onnx', 'models'],
  ['model.onnx', 'model.onnx', ''],
])('%s is listed as %s', (path, title, folders) => expect(modelTitle(path)).toEqual({ title, folders }))
