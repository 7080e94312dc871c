import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import type { BrowserWindow, MenuItemConstructorOptions } from 'electron'
import type { Calls, Places } from './calls.ts'
import { answerWindow } from './dialogs.ts'
import { EngineHost } from './engine-host.ts'
import { channels } from './messages.ts'
import { openWindow, scheme, serveRenderer } from './window.ts'

/** Runs the desktop shell: one instance, one window, one engine. Resolves when the window is on its way. */
export async function startShell(electron: Calls, places: Places, argv: readonly string[] = process.argv): Promise<void> {
  const { app, protocol } = electron
  if (!app.requestSingleInstanceLock()) return app.quit()
  protocol.registerSchemesAsPrivileged([{ scheme, privileges: { standard: true, secure: true, supportFetchAPI: true } }])
  mkdirSync(places.store, { recursive: true })
  let window: BrowserWindow | null = null
  let ready = false
  /** What the next window is to open. */
  let asked: string | null = null
  const show = (model: string | null): void => {
    if (model !== null) app.addRecentDocument(model)
    if (window === null) {
      asked = model ?? asked
      // All windows were closed, which does not end the program on a Mac.
      if (ready) open()
    } else {
      if (model !== null) window.webContents.send(channels.opened, model)
      if (window.isMinimized()) window.restore()
      window.show()
    }
  }
  app.on('second-instance', (_event, args, folder) => show(modelIn(args, folder)))
  app.on('open-file', (event, path) => {
    event.preventDefault()
    show(path)
  })
  show(modelIn(argv))
  await app.whenReady()
  serveRenderer(electron, places)
  const engine = new EngineHost(electron, places)
  answerWindow(electron, engine, () => window)
  const open = (): void => {
    window = openWindow(electron, places)
    window.webContents.once('did-finish-load', () => {
      if (asked !== null) window?.webContents.send(channels.opened, asked)
      asked = null
    })
    window.once('closed', () => {
      window = null
    })
  }
  setMenu(electron, () => (window === null ? open() : window.webContents.send(channels.opened, null)))
  app.on('activate', () => window ?? open())
  app.on('window-all-closed', () => process.platform !== 'darwin' && app.quit())
  app.on('will-quit', () => engine.close())
  ready = true
  open()
}

/** The native menu; everything else has its keys in the window itself. */
function setMenu({ Menu }: Calls, open: () => void): void {
  const mac = process.platform === 'darwin'
  const openItem: MenuItemConstructorOptions = { label: 'Open Model…', accelerator: 'CmdOrCtrl+O', click: open }
  const file: MenuItemConstructorOptions = {
    label: 'File',
    submenu: [openItem, { role: 'recentDocuments' }, { role: mac ? 'close' : 'quit' }],
  }
  const app: MenuItemConstructorOptions[] = mac ? [{ role: 'appMenu' }] : []
  Menu.setApplicationMenu(Menu.buildFromTemplate([...app, file, { role: 'editMenu' }, { role: 'viewMenu' }, { role: 'windowMenu' }]))
}

/** The model among the arguments of a start, or of a second one. */
const modelIn = (argv: readonly string[], folder = process.cwd()): string | null => {
  const found = argv.slice(1).find((argument) => /\.(onnx|tflite)$/i.test(argument))
  return found === undefined ? null : resolve(folder, found)
}
