#!/usr/bin/env node
/** `npm run package [-- electron-builder's options]`: bundles, window, installers. `-c.electronDist=FOLDER` takes a binary that is there. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ensureBuilt, root } from './build.mjs'
import { ensureRenderer } from './renderer.mjs'

await Promise.all([ensureBuilt(), ensureRenderer()])
const builder = join(root, 'node_modules', 'electron-builder', 'cli.js')
const { status } = spawnSync(process.execPath, [builder, '--publish', 'never', ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' })
process.exitCode = status ?? 1
