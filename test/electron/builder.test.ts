import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Ajv from 'ajv'
import { load } from 'js-yaml'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '..', '..')
const config = load(readFileSync(join(root, 'electron-builder.yml'), 'utf8')) as Record<string, never>

it('the packaging configuration is what electron-builder understands', () => {
  const schema = JSON.parse(readFileSync(join(root, 'node_modules/app-builder-lib/scheme.json'), 'utf8'))
  const validate = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(schema)
  validate(config)
  expect(validate.errors).toBeNull()
})

it('no fuse lets the packaged program run as Node or load code from outside of its archive', () => {
  expect(config.electronFuses).toMatchObject({
    runAsNode: false,
    onlyLoadAppFromAsar: true,
    enableEmbeddedAsarIntegrityValidation: true,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
  })
})

it('what it packs exists: the bundled shell, the samples, and the binaries of each platform', () => {
  const binaries = join(root, 'node_modules/onnxruntime-node/bin/napi-v6')
  for (const platform of ['linux/x64', 'linux/arm64', 'darwin/arm64', 'win32/x64']) expect(existsSync(join(binaries, platform))).toBe(true)
  expect(existsSync(join(binaries, 'darwin/x64'))).toBe(false)
  for (const path of [
    'samples/digits-cnn/model.onnx',
    'dist/electron-main.mjs',
    'dist/electron-engine.mjs',
    'dist/electron-preload.cjs',
    'dist/runtime-worker.mjs',
  ]) {
    expect(existsSync(join(root, path)), path).toBe(true)
  }
})
