import { execFile, execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..', '..')
const run = promisify(execFile)
let place = ''

/** A small project with our own bin/ and sources of its own. */
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'lathe-build-'))
  cpSync(join(root, 'bin'), join(place, 'bin'), { recursive: true })
  for (const file of ['package.json', 'package-lock.json']) cpSync(join(root, file), join(place, file))
  symlinkSync(join(root, 'node_modules'), join(place, 'node_modules'))
  for (const folder of ['cli', 'runtime', 'quantize']) mkdirSync(join(place, 'core', folder), { recursive: true })
  write('core/cli/main.ts', "export const main = async (typed: string[]): Promise<number> => (await import('./answer.ts')).answer(typed)")
  answers('one')
  write('core/runtime/worker.ts', 'export {}')
  write('core/quantize/worker.ts', 'export {}')
})

afterAll(() => rmSync(place, { recursive: true, force: true }))

function write(path: string, text: string) {
  writeFileSync(join(place, path), text)
  // As if written before the build began: a file changed during one is built again, on purpose.
  const past = new Date(Date.now() - 5000 - Math.random() * 1000)
  utimesSync(join(place, path), past, past)
}

function answers(text: string) {
  write('core/cli/answer.ts', `export const answer = (typed: string[]): number => (console.log('${text}', ...typed), typed.length)`)
}

const lathe = () => execFileSync(process.execPath, [join(place, 'bin', 'lathe.mjs')], { encoding: 'utf8' }).trim()
const chunks = () => readdirSync(join(place, 'dist')).filter((name) => name.endsWith('.mjs'))

describe('bin/lathe.mjs', () => {
  it('builds once however many start at the same time, and each runs a whole program', async () => {
    const first = await Promise.all(Array.from({ length: 4 }, () => run(process.execPath, [join(place, 'bin', 'lathe.mjs')])))
    expect(first.map(({ stdout }) => stdout.trim())).toEqual(['one', 'one', 'one', 'one'])
    expect(readdirSync(join(place, 'dist')).filter((name) => name.startsWith('.building'))).toEqual([])
  })

  it('does not build again what is fresh, and builds what has changed', () => {
    lathe()
    const before = readFileSync(join(place, 'dist', 'sources.json'), 'utf8')
    const built = chunks()
    lathe()
    expect(readFileSync(join(place, 'dist', 'sources.json'), 'utf8')).toBe(before)
    answers('two')
    expect(lathe()).toBe('two')
    // Chunks of the build before stay for a while: a process may still load them.
    expect(chunks()).toEqual(expect.arrayContaining(built))
  })

  it('runs without sources, as an installed package does', () => {
    lathe()
    const sources = join(place, 'core')
    rmSync(sources, { recursive: true })
    expect(lathe()).toBe('two')
  })

  it('passes arguments on, and gives back the status', async () => {
    const failed = run(process.execPath, [join(place, 'bin', 'lathe.mjs'), 'a', 'b'])
    await expect(failed).rejects.toMatchObject({ code: 2, stdout: 'two a b\n' })
  })
})
