import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, normalize, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { BrowserWindow } from 'electron'
import type { Calls, Places } from './calls.ts'

/** The window's own scheme: a real origin, so that the content security policy has a `'self'`. */
export const scheme = 'lathe'
export const home = `${scheme}://app/index.html`

/** Serves the built window under the scheme, and nothing outside of its folder. Its content security policy stands in its own page. */
export function serveRenderer({ protocol, net }: Calls, { renderer }: Places): void {
  protocol.handle(scheme, (request) => {
    const path = normalize(join(renderer, decodeURIComponent(new URL(request.url).pathname)))
    const inside = path.startsWith(renderer + sep) && existsSync(path)
    return inside ? net.fetch(pathToFileURL(path).href) : new Response('There is nothing here.', { status: 404 })
  })
}

/** Opens the window where it was last, locked down: it may go nowhere, open nothing and ask for nothing but to copy. */
export function openWindow({ BrowserWindow, nativeTheme }: Calls, { bundles, store }: Places): BrowserWindow {
  const state = join(store, 'window.json')
  const window = new BrowserWindow({
    ...{ width: 1440, height: 900, ...lastBounds(state) },
    ...{ minWidth: 900, minHeight: 600, show: false, title: 'Lathe' },
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#15181B' : '#F1F3F4',
    webPreferences: {
      preload: join(bundles, 'electron-preload.cjs'),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
    },
  })
  window.once('ready-to-show', () => window.show())
  window.on('close', () => writeFileSync(state, JSON.stringify(window.getNormalBounds())))
  window.webContents.on('will-navigate', (event) => event.preventDefault())
  window.webContents.setWindowOpenHandler(() => ({ action: 'deny' }))
  // What a click copies; reading the clipboard is another permission.
  const granted = (permission: string) => permission === 'clipboard-sanitized-write'
  window.webContents.session.setPermissionRequestHandler((_contents, permission, answer) => answer(granted(permission)))
  window.webContents.session.setPermissionCheckHandler((_contents, permission) => granted(permission))
  window.webContents.on('render-process-gone', (_event, { reason }) => reason === 'clean-exit' || window.loadURL(home))
  void window.loadURL(home)
  return window
}

function lastBounds(file: string): Partial<{ x: number; y: number; width: number; height: number }> {
  if (!existsSync(file)) return {}
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    if (error instanceof SyntaxError) return {}
    throw error
  }
}
