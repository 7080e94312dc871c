#!/usr/bin/env node
/**
 * Everything a change must pass: types, lint, unit tests, browser walks. All steps run even when one fails, so that one run tells all.
 * The runners leave their JSON reports in `test-results/`, which is what `.ci/run` counts.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ensureBuilt, root } from './build.mjs'
import { ensureRenderer } from './renderer.mjs'

const results = join(root, 'test-results')
const projects = ['tsconfig.json', 'tsconfig.renderer.json', 'tsconfig.browser-tests.json']
const tsc = 'typescript/bin/tsc'
const vitest = (project) => [
  'vitest/vitest.mjs',
  'run',
  '--project',
  project,
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${join(results, `${project}.json`)}`,
]

const steps = [
  ...projects.map((project) => ({ name: `types of ${project}`, command: [tsc, '--noEmit', '-p', project] })),
  { name: 'lint', command: ['@biomejs/biome/bin/biome', 'check', '.'] },
  { name: 'unused code and dependencies', command: ['knip/bin/knip.js', '--no-progress'] },
  { name: 'unit tests', command: vitest('unit') },
  { name: 'browser tests', command: vitest('app') },
]

rmSync(results, { recursive: true, force: true })
mkdirSync(results, { recursive: true })
// Tests run the real bundle: built once here, not raced for by every test file.
await Promise.all([ensureBuilt(), ensureRenderer()])

const failed = steps.filter(({ name, command: [tool, ...args] }) => {
  process.stdout.write(`\n== ${name}\n`)
  const started = performance.now()
  const { status, signal, error } = spawnSync(process.execPath, [join(root, 'node_modules', tool), ...args], {
    cwd: root,
    stdio: 'inherit',
  })
  if (error) process.stdout.write(`${tool} did not run: ${error.message}\n`)
  process.stdout.write(
    `== ${name}: ${status === 0 ? 'ok' : `failed (${signal ?? status})`}, ${((performance.now() - started) / 1000).toFixed(1)} s\n`,
  )
  return status !== 0
})
process.stdout.write(failed.length === 0 ? '\nall steps passed\n' : `\nfailed: ${failed.map(({ name }) => name).join(', ')}\n`)
process.exitCode = failed.length === 0 ? 0 : 1
