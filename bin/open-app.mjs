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
  if (binary !== null) {
    const app = spawn(binary, [join(built, 'electron-main.mjs'), ...args], { stdio: 'inherit' })
    const [code] = await once(app, 'exit')
    return code ?? 1
  }
  process.stderr.write(`${reason} Lathe opens in the browser instead.\n`)
  const { main } = await import(pathToFileURL(join(built, 'cli.mjs')).href)
  return main(['ui', '--web', ...args])
}
