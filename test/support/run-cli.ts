import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

export const root = join(import.meta.dirname, '..', '..')
export const sample = (...path: readonly string[]) => join(root, 'samples', ...path)

export interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Cli {
  /** A folder for the files of one test file; gone at its end. */
  readonly folder: string
  /** Runs the real command line to its end. */
  lathe(...typed: readonly string[]): Promise<Ended>
  /** Starts it; `ended` resolves when it has. */
  start(...typed: readonly string[]): { readonly process: ChildProcess; readonly ended: Promise<Ended> }
}

/** The command line as users start it, with a cache of its own. */
export function commandLine(): Cli {
  const folder = mkdtempSync(join(tmpdir(), 'lathe-cli-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const environment = { ...process.env, LATHE_CACHE: join(folder, 'cache'), NO_COLOR: '1', FORCE_COLOR: undefined }
  const start: Cli['start'] = (...typed) => {
    const child = spawn(process.execPath, [join(root, 'bin', 'lathe.mjs'), ...typed], { cwd: folder, env: environment })
    const ended = new Promise<Ended>((resolve, reject) => {
      let stdout = ''
      let stderr = ''
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text
      })
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text
      })
      child.once('error', reject)
      child.once('close', (status) => resolve({ status, stdout, stderr }))
    })
    return { process: child, ended }
  }
  return { folder, start, lathe: (...typed) => start(...typed).ended }
}

/** The one document on standard output; anything else there is an error. */
export function documentOf({ stdout }: Ended): unknown {
  return JSON.parse(stdout)
}
