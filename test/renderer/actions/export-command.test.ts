import { expect, it } from 'vitest'
import { commandOf, type ExportedThing } from '../../../renderer/actions/export-command.ts'

const thing: ExportedThing = {
  model: '/models/bert.onnx',
  file: 'bert-int8.onnx',
  settings: { format: 'onnx' },
  data: null,
  stage: null,
  severalLeaves: false,
  pipeline: null,
}

it('exports a model as it was opened in one command', () => {
  expect(commandOf(thing)).toBe('lathe export /models/bert.onnx --format onnx --out bert-int8.onnx')
})

it('runs the pipeline first where a stage was exported, and finds its folder among several', () => {
  const stage = { ...thing, stage: 'int8', data: '/my data/dataset.json', pipeline: 'p.json' }
  expect(commandOf(stage)).toBe(
    "lathe run /models/bert.onnx --pipeline p.json --data '/my data/dataset.json' --out out && lathe export out/model.onnx --format onnx --verify '/my data/dataset.json' --out bert-int8.onnx",
  )
  expect(commandOf({ ...stage, severalLeaves: true })).toContain('lathe export out/int8/model.onnx')
})

it('takes only the settings of its format along', () => {
  const settings = { format: 'tflite', opset: 21, externalData: true, weights: 'int8', int8Borders: true } as const
  expect(commandOf({ ...thing, settings })).toContain('--format tflite --weights int8 --int8-borders --out')
  expect(commandOf({ ...thing, settings: { ...settings, format: 'onnx' } })).toContain('--format onnx --opset 21 --external-data --out')
})

it('quotes what a shell would take apart', () => {
  expect(commandOf({ ...thing, model: "/it's here.onnx" })).toContain("'/it'\\''s here.onnx'")
})
