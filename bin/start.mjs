#!/usr/bin/env node
/** `npm start [-- model.onnx]`: the app in a window of its own, or, where Electron's binary is not to be had, in a browser. */
import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ensureBuilt, root } from './build.mjs'
import { electronOrReason } from './electron.mjs'
import { ensureRenderer } from './renderer.mjs'

const args = process.argv.slice(2)
const [built] = await Promise.all([ensureBuilt(), ensureRenderer()])
const { binary, reason } = electronOrReason(join(root, 'node_modules', 'electron'), { spawnSync })
if (binary !== null) {
  const app = spawn(binary, [join(built, 'electron-main.mjs'), ...args], { stdio: 'inherit' })
  app.once('exit', (code, signal) => {
    process.exitCode = signal === null ? (code ?? 0) : 1
  })
} else {
  process.stderr.write(`${reason} Lathe opens in the browser instead.\n`)
  const { main } = await import(pathToFileURL(join(built, 'cli.mjs')).href)
  process.exitCode = await main(['ui', '--web', ...args])
}
