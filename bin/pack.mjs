#!/usr/bin/env node
/**
 * `npm run pack [-- npm's options]`: bundles, window, and a tarball of what an installation needs (`files` in package.json), to be given to
 * `npm install`. A script of its own and no `prepack`, which `ignore-scripts` keeps from running.
 */
import { spawnSync } from 'node:child_process'
import { ensureBuilt, root } from './build.mjs'
import { ensureRenderer } from './renderer.mjs'

await Promise.all([ensureBuilt(), ensureRenderer()])
const { status } = spawnSync(process.execPath, [process.env.npm_execpath, 'pack', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
})
process.exitCode = status ?? 1
