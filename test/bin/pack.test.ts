import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..', '..')
/** With a blank and letters that are none of ASCII, as home folders have them. */
const place = mkdtempSync(join(tmpdir(), 'lathe packed é-'))
const installed = join(place, 'node_modules', 'lathe')
let files: string[] = []

/** What `npm install FILE` lays down: the files of the tarball, and the packages that it names beside them. */
beforeAll(() => {
  const answer = execFileSync('npm', ['run', '--silent', 'pack', '--', '--dry-run', '--json'], {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  files = (JSON.parse(answer) as [{ files: { path: string }[] }])[0].files.map(({ path }) => path)
  for (const file of files) {
    mkdirSync(dirname(join(installed, file)), { recursive: true })
    cpSync(join(root, file), join(installed, file))
  }
  for (const name of ['onnxruntime-node', 'onnxruntime-common', 'sharp', '@litertjs']) {
    symlinkSync(join(root, 'node_modules', name), join(place, 'node_modules', name))
  }
})

afterAll(() => rmSync(place, { recursive: true, force: true }))

const lathe = (...typed: string[]) =>
  execFileSync(process.execPath, [join(installed, 'bin', 'lathe.mjs'), ...typed], {
    cwd: place,
    encoding: 'utf8',
    env: { ...process.env, LATHE_CACHE: join(place, 'cache') },
  })

describe('the tarball', () => {
  it('holds what runs, and neither sources nor tests nor maps', () => {
    for (const file of [
      'bin/lathe.mjs',
      'dist/cli.mjs',
      'dist/runtime-worker.mjs',
      'dist/renderer/index.html',
      'samples/text-bert/model.onnx',
    ])
      expect(files).toContain(file)
    expect(files.filter((file) => /\.(tsx?|map)$|^(core|test|renderer|electron|scripts)\//.test(file))).toEqual([])
  })

  it('hands on the licences of what is bundled', () => {
    const textsIn = (file: string) => readFileSync(join(installed, file), 'utf8')
    const engine = textsIn('dist/third-party-licences.md')
    expect(engine).toMatch(/^## zod [\d.]+ \(MIT\)$/m)
    expect(engine).not.toContain('holds no text')
    expect(textsIn('dist/renderer/third-party-licences.md')).toMatch(/react-dom/)
  })

  it('runs where nothing can be built', () => {
    const model = join(installed, 'samples', 'digits-cnn', 'model.onnx')
    const out = join(place, 'oüt')
    const typed = ['--pipeline', 'safe', '--data', join(installed, 'samples', 'digits-cnn', 'dataset.json'), '--no-measure', '--out', out]
    const report = JSON.parse(lathe('run', model, ...typed, '--json')) as {
      candidates: { nodes: { baseline: number; candidate: number } }[]
    }
    expect(report.candidates[0]!.nodes.candidate).toBeLessThan(report.candidates[0]!.nodes.baseline)
    // In the runtime process, which has to find its native library from here too.
    expect(JSON.parse(lathe('compare', model, join(out, 'model.onnx'), '--runs', '3', '--json'))).toHaveProperty('layers')
  })
})
