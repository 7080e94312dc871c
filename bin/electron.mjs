/** Finds Electron's binary, which its package fetches on first use. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** How long the package's own installer may take before the browser is opened instead. */
const patienceMs = 10_000

/**
 * The binary, fetched once if it is missing; else why there is none, in one line.
 * @param {string} folder of the package `electron`
 * @param {{ spawnSync: typeof import('node:child_process').spawnSync, env?: NodeJS.ProcessEnv }} tools
 * @returns {{ binary: string, reason: null } | { binary: null, reason: string }}
 */
export function electronOrReason(folder, { spawnSync, env = process.env }) {
  const installed = binaryIn(folder, env)
  if (installed !== null) return { binary: installed, reason: null }
  if (!existsSync(join(folder, 'install.js'))) return { binary: null, reason: 'Electron is not installed.' }
  process.stderr.write('Fetching Electron (once) ...\n')
  const { error, status, stderr } = spawnSync(process.execPath, [join(folder, 'install.js')], {
    timeout: patienceMs,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const fetched = binaryIn(folder, env)
  if (fetched !== null) return { binary: fetched, reason: null }
  return { binary: null, reason: `Electron's binary could not be fetched: ${whyNot({ error, status, stderr })}.` }
}

/** @returns {string | null} */
function binaryIn(folder, env) {
  const pathFile = join(folder, 'path.txt')
  const name = existsSync(pathFile) ? readFileSync(pathFile, 'utf8') : null
  const place = env.ELECTRON_OVERRIDE_DIST_PATH
  const binary = place ? join(place, name ?? 'electron') : name === null ? null : join(folder, 'dist', name)
  return binary !== null && existsSync(binary) ? binary : null
}

function whyNot({ error, status, stderr }) {
  if (error?.code === 'ETIMEDOUT') return `its installer took longer than ${patienceMs / 1000} s`
  const told = /^\s*(?:\w*Error: )(.+)$/m.exec(stderr ?? '')?.[1]
  return told ?? error?.message ?? `its installer ended with ${status}`
}
