import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as electron from 'electron'
import packageFile from '../package.json' with { type: 'json' }
import { startShell } from './shell.ts'

const bundles = fileURLToPath(new URL('.', import.meta.url)).replace(/[/\\]$/, '')

// The name decides where Electron keeps data and which instance is the single one: before either is asked for.
electron.app.setName('Lathe')

// Not awaited: Electron becomes ready only after this module has been evaluated.
startShell(electron, {
  bundles,
  renderer: join(bundles, 'renderer'),
  samples: electron.app.isPackaged ? join(process.resourcesPath, 'samples') : join(bundles, '..', 'samples'),
  store: join(electron.app.getPath('userData'), 'store'),
  version: packageFile.version,
}).catch((error: Error) => {
  electron.dialog.showErrorBox('Lathe could not start', error.stack ?? error.message)
  electron.app.exit(1)
})
