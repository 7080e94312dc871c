/** Opens the app: in a window of its own, or, where Electron's binary is not to be had, in a browser. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ensureBuilt, root } from './build.mjs'
import { electronOrReason } from './electron.mjs'
import { ensureRenderer } from './renderer.mjs'

/**
 * @param {string[]} args files and folders to open; options of `lathe ui`
 * @returns {Promise<number>} the exit status
 */
export async function openApp(args) {
  const [built] = await Promise.all([ensureBuilt(), ensureRenderer()])
  const { binary, reason } = electronOrReason(join(root, 'node_modules', 'electron'), { spawnSync })
  const { status, why } = binary === null ? { status: 1, why: reason } : await ranIn(binary, [join(built, 'electron-main.mjs'), ...args])
  if (why === null) return status
  process.stderr.write(`${why} Lathe opens in the browser instead.\n`)
  const { main } = await import(pathToFileURL(join(built, 'cli.mjs')).href)
  return main(['ui', '--web', ...args])
}

/** A window that ends by itself so soon was never there: no display, a sandbox that is refused, a library that is missing. */
const tooSoonMs = 5000

/**
 * Runs the app in a window of its own until it is closed.
 * @returns {Promise<{ status: number, why: string | null }>} its exit status, and why there was no window
 */
async function ranIn(binary, args) {
  const started = performance.now()
  const app = spawn(binary, args, { stdio: 'inherit' })
  const ended = await Promise.race([once(app, 'exit'), once(app, 'error').then(([error]) => error)])
  if (ended instanceof Error) return { status: 1, why: `Electron cannot be started: ${ended.message}.` }
  const [code, signal] = ended
  const status = code ?? 1
  const opened = status === 0 || performance.now() - started > tooSoonMs
  return { status, why: opened ? null : `Electron ended at once (${signal ?? `status ${code}`}).` }
}
