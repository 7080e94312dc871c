import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createEngine } from '../../core/engine.ts'
import { sample } from '../support/run-cli.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lathe-engine-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('asks for its store again after whoever uses it has mended what kept it from opening', async () => {
  const store = join(folder, 'store')
  writeFileSync(store, 'a file in the way')
  const engine = createEngine({ store, version: '0', spawnRuntime: () => Promise.reject(new Error('nothing is run here')) })
  const inspecting = () => engine.inspect({ model: sample('digits-cnn', 'model.onnx') })
  await expect(inspecting()).rejects.toMatchObject({ problem: { code: 'no-cache' } })
  rmSync(store)
  expect((await inspecting()).model.nodes).toBeGreaterThan(0)
})
