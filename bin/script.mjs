#!/usr/bin/env node
/** `node bin/script.mjs NAME [ARGUMENTS]` bundles `scripts/NAME.ts` and runs its `main`. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { bundleScript } from './build.mjs'

const [name, ...rest] = process.argv.slice(2)
const { main } = await import(pathToFileURL(await bundleScript(join('scripts', `${name}.ts`))).href)
await main(rest)
