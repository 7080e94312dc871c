import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'

const script = join(import.meta.dirname, '..', '..', '.ci', 'summary.mjs')
const folders: string[] = []

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

interface Counts {
  readonly passed: number
  readonly failed?: number
  readonly skipped?: number
  /** Files that fell over before their first test. */
  readonly broken?: number
}

function report({ passed, failed = 0, skipped = 0, broken = 0 }: Counts) {
  const fallen = Array.from({ length: broken }, () => ({ status: 'failed', assertionResults: [] }))
  const testResults = failed > 0 ? [{ status: 'failed', assertionResults: [{ status: 'failed' }] }, ...fallen] : fallen
  return JSON.stringify({
    numTotalTests: passed + failed + skipped,
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: skipped,
    numTodoTests: 0,
    success: failed + broken === 0,
    testResults,
  })
}

function summary(files: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), 'lathe-summary-'))
  folders.push(folder)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const { stdout, status } = spawnSync(process.execPath, [script, folder], { encoding: 'utf8' })
  return { line: stdout.trim(), status }
}

describe('the last line of a CI run', () => {
  it('adds up the reports of all runners', () => {
    const files = { 'unit.json': report({ passed: 40, skipped: 2 }), 'app.json': report({ passed: 2 }) }
    expect(summary(files)).toEqual({ line: '42 passed, 0 failed, 2 skipped', status: 0 })
  })

  it.each([
    ['a failed test', { 'unit.json': report({ passed: 40, failed: 1 }), 'app.json': report({ passed: 2 }) }, '42 passed, 1 failed'],
    [
      'a file that falls over',
      { 'unit.json': report({ passed: 40, broken: 1 }), 'app.json': report({ passed: 2 }) },
      '42 passed, 1 failed',
    ],
    ['a runner that died', { 'app.json': report({ passed: 2 }) }, '2 passed, 1 failed'],
    ['a report cut short', { 'unit.json': report({ passed: 40 }).slice(0, 50), 'app.json': report({ passed: 2 }) }, '2 passed, 1 failed'],
    ['no test at all', { 'unit.json': report({ passed: 0 }), 'app.json': report({ passed: 2 }) }, '2 passed, 1 failed'],
  ])('%s fails it', (_name, files, line) => {
    expect(summary(files)).toEqual({ line, status: 1 })
  })
})
