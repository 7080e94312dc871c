import { type SpawnSyncOptions, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'

interface Program {
  electronOrReason(
    folder: string,
    tools: { readonly spawnSync: typeof spawnSync; readonly env: NodeJS.ProcessEnv },
  ): { readonly binary: string | null; readonly reason: string | null }
}
// Plain JavaScript: it runs before anything is built.
const { electronOrReason } = (await import(pathToFileURL(join(import.meta.dirname, '../../bin/electron.mjs')).href)) as Program

let folder: string
beforeEach(() => {
  patience = ample
  folder = mkdtempSync(join(tmpdir(), 'lathe-electron-package-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const installer = (script: string) => writeFileSync(join(folder, 'install.js'), script)
const fetching =
  "const fs = require('fs'); fs.mkdirSync(__dirname + '/dist'); fs.writeFileSync(__dirname + '/dist/electron', ''); fs.writeFileSync(__dirname + '/path.txt', 'electron')"
let limit: number | undefined
/** Milliseconds for a script that comes to its end, on a machine that is busy. */
const ample = 60_000
let patience = ample
/** The real one, which waits for another while than it is told. */
const impatient = (command: string, args: readonly string[], options: SpawnSyncOptions) => {
  limit = options.timeout
  return spawnSync(command, args, { ...options, timeout: patience })
}
const look = (env: NodeJS.ProcessEnv = {}) => electronOrReason(folder, { spawnSync: impatient as typeof spawnSync, env })

it('takes the binary that is there, or that a variable names, and fetches nothing', () => {
  installer("require('fs').writeFileSync(__dirname + '/ran', '')")
  mkdirSync(join(folder, 'dist'))
  writeFileSync(join(folder, 'path.txt'), 'electron')
  writeFileSync(join(folder, 'dist', 'electron'), '')
  expect(look()).toEqual({ binary: join(folder, 'dist', 'electron'), reason: null })
  mkdirSync(join(folder, 'other'))
  writeFileSync(join(folder, 'other', 'electron'), '')
  expect(look({ ELECTRON_OVERRIDE_DIST_PATH: join(folder, 'other') }).binary).toBe(join(folder, 'other', 'electron'))
  expect(existsSync(join(folder, 'ran'))).toBe(false)
})

it("runs the package's own installer once when the binary is missing", () => {
  installer(fetching)
  expect(look()).toEqual({ binary: join(folder, 'dist', 'electron'), reason: null })
})

it('says in one line why there is none', () => {
  expect(look().reason).toBe('Electron is not installed.')
  installer("throw new Error('getaddrinfo ENOTFOUND github.com')")
  expect(look()).toEqual({ binary: null, reason: "Electron's binary could not be fetched: getaddrinfo ENOTFOUND github.com." })
  installer('process.exit(3)')
  expect(look().reason).toBe("Electron's binary could not be fetched: its installer ended with 3.")
})

it('waits ten seconds for it and no longer', () => {
  installer('setInterval(() => undefined, 1000)')
  patience = 1000
  expect(look().reason).toBe("Electron's binary could not be fetched: its installer took longer than 10 s.")
  expect(limit).toBe(10_000)
})
