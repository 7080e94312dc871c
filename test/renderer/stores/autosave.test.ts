import { expect, it } from 'vitest'
import { rememberedPipeline, rememberPipeline } from '../../../renderer/stores/autosave.ts'

function memory(text: string | null = null) {
  let kept = text
  return {
    getItem: () => kept,
    setItem: (_key: string, value: string) => {
      kept = value
    },
  }
}
const pipeline = { lathe: 1 as const, name: 'x', target: 'ort' as const, stages: [{ id: 'tidy', pass: 'clean-up', options: {} }] }

it('remembers the pipeline of each model', () => {
  const storage = memory()
  rememberPipeline('/a.onnx', pipeline, storage)
  rememberPipeline('/b.onnx', { ...pipeline, name: 'y' }, storage)
  expect(rememberedPipeline('/a.onnx', storage)).toEqual(pipeline)
  expect(rememberedPipeline('/c.onnx', storage)).toBeNull()
})
it('does not trust what it finds', () => {
  expect(rememberedPipeline('/a.onnx', memory('{'))).toBeNull()
  expect(rememberedPipeline('/a.onnx', memory('[{"path":"/a.onnx","pipeline":{"lathe":2}}]'))).toBeNull()
})
