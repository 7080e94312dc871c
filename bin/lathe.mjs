#!/usr/bin/env node
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ensureBuilt } from './build.mjs'

const [command, ...rest] = process.argv.slice(2)
try {
  // Options of `ui` are about the browser; without any it opens whatever there is.
  if (command === 'ui' && !rest.some((argument) => argument.startsWith('-'))) {
    const { openApp } = await import('./open-app.mjs')
    process.exitCode = await openApp(rest)
  } else {
    if (command === 'ui') await (await import('./renderer.mjs')).ensureRenderer()
    const { main } = await import(pathToFileURL(join(await ensureBuilt(), 'cli.mjs')).href)
    process.exitCode = await main(process.argv.slice(2))
  }
} catch (error) {
  // The command line tells its own problems; what arrives here kept it from starting, such as sources that do not build.
  process.stderr.write(`error: lathe could not start. ${error.stack ?? error}\n`)
  process.exitCode = 1
}
