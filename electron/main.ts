import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as electron from 'electron'
import packageFile from '../package.json' with { type: 'json' }
import { startShell } from './shell.ts'

const bundles = fileURLToPath(new URL('.', import.meta.url)).replace(/[/\\]$/, '')

await startShell(electron, {
  bundles,
  renderer: join(bundles, 'renderer'),
  samples: electron.app.isPackaged ? join(process.resourcesPath, 'samples') : join(bundles, '..', 'samples'),
  store: join(electron.app.getPath('userData'), 'store'),
  version: packageFile.version,
})
