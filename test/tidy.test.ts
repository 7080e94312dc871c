import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { passes, rules } from './tidy/catalogues.ts'
import { type Check, cycles, exits, layers, loneTests, marks, names, packages, sizes } from './tidy/checks.ts'
import { readSource, type Source } from './tidy/source.ts'

const root = join(import.meta.dirname, '..')
const trees = ['bin', 'core', 'electron', 'renderer', 'scripts', 'test']

const checks: Readonly<Record<string, Check>> = {
  'every import goes down the layers': layers,
  'every door to the outside is in its place': packages,
  'no modules import each other in a circle': cycles,
  'files and functions stay small': sizes,
  'no file or folder is a drawer': names,
  'only entry points end the process': exits,
  'every rule has its id, its test and its place in the list': rules,
  'every pass has its id, its test and its place in the catalogue': passes,
  'no test runs alone or not at all': loneTests,
  'nothing is marked as unfinished': marks,
}

describe('the architecture', () => {
  const sources = trees.flatMap(sourcesUnder)
  for (const [name, check] of Object.entries(checks)) {
    it(name, () => {
      expect(check(sources)).toEqual([])
    })
  }
})

function sourcesUnder(tree: string): Source[] {
  let files: string[]
  try {
    files = readdirSync(join(root, tree), { recursive: true, encoding: 'utf8' })
  } catch {
    return []
  }
  return files
    .filter((file) => /\.(tsx?|mjs)$/.test(file))
    .map((file) => {
      const path = `${tree}/${file.replaceAll('\\', '/')}`
      return readSource(path, readFileSync(join(root, path), 'utf8'))
    })
}

describe('the checks see what they claim to see', () => {
  const long = (lines: number) => Array.from({ length: lines }, (_, line) => `  a(${line})`).join('\n')
  const cases: readonly [Check, Readonly<Record<string, string>>, RegExp][] = [
    [layers, { 'core/rewrite/match.ts': "import { x } from '../measure/layers.ts'" }, /match\.ts:1 .*rewrite may import only ir/],
    [layers, { 'core/measure/layers.ts': "import type { x } from '../runtime/ort.ts'" }, /runtime\/session\.ts/],
    [layers, { 'renderer/app.tsx': "const x = import('../core/ir/graph.ts')" }, /renderer may import only api/],
    [layers, { 'core/ir/graph.ts': "export * from '../api/problem.ts'" }, /ir may import nothing of ours/],
    [layers, { 'core/ir/graph.ts': "let x: import('../api/problem.ts').Problem" }, /ir may import nothing of ours/],
    [layers, { 'core/attic/old.ts': "import '../ir/graph.ts'" }, /no row in the import table/],
    [packages, { 'core/passes/fuse.ts': "import * as ort from 'onnxruntime-node'" }, /only core\/runtime\/ loads native code/],
    [packages, { 'core/pipeline/runner.ts': "import { fork } from 'node:child_process'" }, /never forks a process/],
    [packages, { 'renderer/app.tsx': "import { readFileSync } from 'fs'" }, /without Node/],
    [packages, { 'core/ir/graph.ts': "import { create } from 'zustand/vanilla'" }, /knows no window/],
    [
      cycles,
      { 'core/ir/a.ts': "import { b } from './b.ts'", 'core/ir/b.ts': "export { a as b } from './a.ts'" },
      /a\.ts -> core\/ir\/b\.ts/,
    ],
    [sizes, { 'core/ir/a.ts': long(401) }, /401 lines, the ceiling is 400/],
    [sizes, { 'core/ir/a.ts': `const work = () => {\n${long(59)}\n}` }, /a\.ts:1 work has 61 lines/],
    [sizes, { 'core/ir/a.ts': 'class A { m(a, b, c, d, e) {} }' }, /m takes 5 positional parameters/],
    [sizes, { 'renderer/panel.tsx': `function Panel() {\n${long(200)}\n}` }, /Panel has 202 lines, the ceiling is 200/],
    [names, { 'core/ir/utils.ts': '' }, /"utils\.ts" is a drawer/],
    [names, { 'test/helpers/run.test.ts': '' }, /"helpers" is a drawer/],
    [exits, { 'core/ir/a.ts': 'process.exit(1)' }, /only entry points may/],
    [
      rules,
      { 'core/rules/tidy/drop.ts': "export const drop = rule({ id: 'drop' })" },
      /no test at test\/core\/rules\/tidy\/drop\.test\.ts/,
    ],
    [rules, { 'core/rules/tidy/drop.ts': "export const drop = rule({ id: 'drop' })" }, /not in core\/rules\/index\.ts/],
    [rules, { 'core/rules/tidy/drop.ts': "export const drop = rule({ id: 'other' })" }, /the file name is the id/],
    [passes, { 'core/passes/fuse.ts': "import type { Pass } from '../pass.ts'" }, /not in core\/passes\/catalogue\.ts/],
    [loneTests, { 'test/a.test.ts': 'describe.only(name, run)' }, /proves nothing/],
    [loneTests, { 'test/a.test.ts': 'ctx.skip()' }, /without a reason/],
    [marks, { 'core/ir/a.ts': `// ${'TO'}DO: later` }, /finish it/],
  ]
  for (const [check, files, sentence] of cases) {
    it(`${Object.values(files)[0]?.slice(0, 60).split('\n')[0]} -> ${sentence.source}`, () => {
      const sources = Object.entries(files).map(([path, text]) => readSource(path, text))
      expect(check(sources).join('\n')).toMatch(sentence)
    })
  }

  it('and let lawful code pass', () => {
    const files = {
      'core/rules/index.ts': "export { drop } from './tidy/drop.ts'",
      'core/rules/tidy/drop.ts': "import { rule } from '../../rewrite/rule.ts'\nexport const drop = rule({ id: 'drop' })",
      'test/core/rules/tidy/drop.test.ts': "it('drops', () => {})",
      'core/runtime/ort.ts': "import { InferenceSession } from 'onnxruntime-node'",
      'core/cli/main.ts': "import { createEngine } from '../engine.ts'\nprocess.exit(2)",
      'core/ir/graph.ts': "import type { Value } from './value.ts'",
      'core/ir/value.ts': "import type { Graph } from './graph.ts'",
      'renderer/app.tsx': "import { problem } from '../core/api/problem.ts'",
    }
    const sources = Object.entries(files).map(([path, text]) => readSource(path, text))
    expect(Object.values(checks).flatMap((check) => check(sources))).toEqual([])
  })
})
