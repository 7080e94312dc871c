#!/usr/bin/env node
/** `npm start`: the app, built when needed. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ensureBuilt } from './build.mjs'
import { ensureRenderer } from './renderer.mjs'

const [built] = await Promise.all([ensureBuilt(), ensureRenderer()])
const { main } = await import(pathToFileURL(join(built, 'cli.mjs')).href)
process.exitCode = await main(['ui', '--web', ...process.argv.slice(2)])
