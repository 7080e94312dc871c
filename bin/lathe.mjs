#!/usr/bin/env node
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ensureBuilt } from './build.mjs'

const { main } = await import(pathToFileURL(join(await ensureBuilt(), 'cli.mjs')).href)
process.exitCode = await main(process.argv.slice(2))
