import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Ajv from 'ajv'
import { load } from 'js-yaml'
import sharp from 'sharp'
import { afterAll, describe, expect, it } from 'vitest'

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

it('what it packs exists: the bundled shell, and the binaries of each platform', () => {
  const binaries = join(root, 'node_modules/onnxruntime-node/bin/napi-v6')
  for (const platform of ['linux/x64', 'linux/arm64', 'darwin/arm64', 'win32/x64']) expect(existsSync(join(binaries, platform))).toBe(true)
  expect(existsSync(join(binaries, 'darwin/x64'))).toBe(false)
  for (const path of ['dist/electron-main.mjs', 'dist/electron-engine.mjs', 'dist/electron-preload.cjs', 'dist/runtime-worker.mjs']) {
    expect(existsSync(join(root, path)), path).toBe(true)
  }
})

it('its picture is the drawing of the mark, large enough for every platform', async () => {
  const [drawn, icon] = ['icon.svg', 'icon.png'].map((name) => join(root, 'renderer', 'public', name)) as [string, string]
  for (const platform of ['linux', 'mac', 'win'] as const) expect(config[platform]).toMatchObject({ icon: 'renderer/public/icon.png' })
  expect(await sharp(icon).metadata()).toMatchObject({ format: 'png', width: 1024, height: 1024 })
  const pixels = (file: string) => sharp(file).resize(64, 64).flatten().raw().toBuffer()
  const [a, b] = [await pixels(drawn), await pixels(icon)]
  const apart = a.reduce((sum, value, at) => sum + Math.abs(value - b[at]!), 0) / a.length
  expect(apart).toBeLessThan(6)
})

describe('what the packer makes of it, around a stand-in for the binary of Electron', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lathe-package-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const { electronFuses: _, ...rest } = config
  const standIn = { ...rest, directories: { output: join(folder, 'out') }, electronDist: join(folder, 'electron'), npmRebuild: false }
  mkdirSync(join(folder, 'electron', 'resources'), { recursive: true })
  for (const name of ['electron', 'LICENSE', 'LICENSES.chromium.html', 'version']) writeFileSync(join(folder, 'electron', name), '')
  writeFileSync(join(folder, 'config.json'), JSON.stringify(standIn))

  it.skipIf(process.platform !== 'linux')('holds the runtime of this platform and of no other, and the samples as files', () => {
    const builder = join(root, 'node_modules/electron-builder/cli.js')
    const typed = ['--publish', 'never', '--linux', 'dir', '--x64', '--config', join(folder, 'config.json')]
    const { status, stdout, stderr } = spawnSync(process.execPath, [builder, ...typed], { cwd: root, encoding: 'utf8' })
    expect(status, stdout + stderr).toBe(0)
    const resources = join(folder, 'out', 'linux-unpacked', 'resources')
    const files = readdirSync(resources, { recursive: true, encoding: 'utf8' })
    const binaries = files.filter((name) => /onnxruntime-node\/bin\/.*\.(so|dylib|dll|node)/.test(name))
    const own = ['libonnxruntime.so.1', 'onnxruntime_binding.node'].map(
      (name) => `app.asar.unpacked/node_modules/onnxruntime-node/bin/napi-v6/linux/x64/${name}`,
    )
    expect(binaries.toSorted()).toEqual(own)
    expect(files).toContain('samples/text-bert/model.onnx')
    expect(files.some((name) => name.endsWith('litert_wasm_compat_internal.wasm'))).toBe(true)
    const archived = archivedFiles(join(resources, 'app.asar'))
    expect(Object.keys(archived).toSorted()).toEqual(['LICENSE', 'dist', 'node_modules', 'package.json'])
    const bundles = Object.keys(archived.dist?.files ?? {})
    for (const name of ['electron-main.mjs', 'electron-engine.mjs', 'electron-preload.cjs', 'runtime-worker.mjs', 'quantize-worker.mjs'])
      expect(bundles).toContain(name)
    expect(bundles.filter((name) => name.endsWith('.map'))).toEqual([])
  })
})

interface Archived {
  readonly [name: string]: { readonly files?: Archived }
}

/** What is in an archive, whose header is JSON behind four numbers. */
function archivedFiles(file: string): Archived {
  const bytes = readFileSync(file)
  return (JSON.parse(bytes.toString('utf8', 16, 16 + bytes.readUInt32LE(12))) as { files: Archived }).files
}
