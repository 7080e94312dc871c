import { expect, it } from 'vitest'
import { readWindow, rememberWindow, type WindowMemory } from '../../../renderer/stores/window-memory.ts'

const storage = () => {
  const texts = new Map<string, string>()
  return {
    getItem: (key: string) => texts.get(key) ?? null,
    setItem: (key: string, text: string) => void texts.set(key, text),
    removeItem: (key: string) => void texts.delete(key),
    texts,
  }
}

const memory: WindowMemory = {
  ...{ model: 'model:3', path: '/models/a.onnx', data: '/models/dataset.json', run: 'r', stage: 'int8', candidate: 'int8', tab: 'Layers' },
  pipeline: { lathe: 1, name: 'p', target: 'ort', stages: [{ id: 'a', pass: 'clean-up', options: {} }], wires: [['source', 'a']] },
}

it('what a window was comes back whole, and is forgotten when told', () => {
  const kept = storage()
  expect(readWindow(kept)).toBeNull()
  rememberWindow(memory, kept)
  expect(readWindow(kept)).toEqual(memory)
  rememberWindow(null, kept)
  expect(readWindow(kept)).toBeNull()
})

it('what another version or another program left is as good as nothing', () => {
  const kept = storage()
  rememberWindow(memory, kept)
  const [[key, text]] = [...kept.texts] as [[string, string]]
  kept.texts.set(key, text.replace('"Layers"', '"Charts"'))
  expect(readWindow(kept)).toBeNull()
  kept.texts.set(key, 'no JSON')
  expect(readWindow(kept)).toBeNull()
})
