import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, normalize, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { BrowserWindow, Rectangle } from 'electron'
import type { Calls, Places } from './calls.ts'
import { loadAgain } from './load-again.ts'

/** The window's own scheme: a real origin, so that the content security policy has a `'self'`. */
export const scheme = 'lathe'
export const home = `${scheme}://app/index.html`

/** Serves the built window under the scheme, and nothing outside of its folder. Its content security policy stands in its own page. */
export function serveRenderer({ protocol, net }: Calls, { renderer }: Places): void {
  protocol.handle(scheme, (request) => {
    const path = fileAt(request.url, renderer)
    return path === null ? new Response('There is nothing here.', { status: 404 }) : net.fetch(pathToFileURL(path).href)
  })
}

/** The file of the folder that a URL names; `null` where there is none, it lies outside, or the URL is malformed. */
function fileAt(url: string, folder: string): string | null {
  let path: string
  try {
    path = normalize(join(folder, decodeURIComponent(new URL(url).pathname)))
  } catch (error) {
    if (error instanceof URIError) return null
    throw error
  }
  return path.startsWith(folder + sep) && existsSync(path) ? path : null
}

/** Opens the window where it was last, locked down: it may go nowhere, open nothing and ask for nothing but to copy. */
export function openWindow(calls: Calls, { bundles, renderer, store }: Places): BrowserWindow {
  const { BrowserWindow, nativeTheme, screen } = calls
  const state = join(store, 'window.json')
  const window = new BrowserWindow({
    ...{
      width: 1440,
      height: 900,
      ...boundsOn(
        screen.getAllDisplays().map(({ workArea }) => workArea),
        lastBounds(state),
      ),
    },
    ...{ minWidth: 900, minHeight: 600, show: false, title: 'Lathe', icon: join(renderer, 'icon.png') },
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
  window.on('close', () => keepBounds(state, window.getNormalBounds()))
  window.webContents.on('will-navigate', (event) => event.preventDefault())
  window.webContents.setWindowOpenHandler(() => ({ action: 'deny' }))
  // What a click copies; reading the clipboard is another permission.
  const granted = (permission: string) => permission === 'clipboard-sanitized-write'
  window.webContents.session.setPermissionRequestHandler((_contents, permission, answer) => answer(granted(permission)))
  window.webContents.session.setPermissionCheckHandler((_contents, permission) => granted(permission))
  const load = () => void window.loadURL(home)
  loadAgain(calls, window, load)
  load()
  return window
}

/** So much of a window has to lie on a display that one can take hold of it. */
const grip = { width: 120, height: 40 }

/**
 * Where the window was, as far as the displays of today show it: one that was unplugged would keep the window out of sight. It is never
 * larger than the display that it lies on.
 */
export function boundsOn(displays: readonly Rectangle[], last: Partial<Rectangle>): Partial<Rectangle> {
  const { x, y, width, height } = last
  if (![x, y, width, height].every(Number.isFinite)) return {}
  const was = last as Rectangle
  const shown = displays.find((display) => {
    const across = Math.min(was.x + was.width, display.x + display.width) - Math.max(was.x, display.x)
    // By its title: what hangs over the upper edge cannot be moved.
    const title = was.y >= display.y && was.y + grip.height <= display.y + display.height
    return title && across >= Math.min(grip.width, was.width)
  })
  const [first] = displays
  const fit = shown ?? first
  if (!fit) return {}
  const size = { width: Math.min(was.width, fit.width), height: Math.min(was.height, fit.height) }
  return shown ? { x: was.x, y: was.y, ...size } : size
}

/** For convenience: a disk that takes no more must not keep a window from being closed. */
function keepBounds(file: string, bounds: Rectangle): void {
  try {
    writeFileSync(file, JSON.stringify(bounds))
  } catch (error) {
    process.stderr.write(`The place of the window could not be kept: ${(error as Error).message}\n`)
  }
}

function lastBounds(file: string): Partial<Rectangle> {
  if (!existsSync(file)) return {}
  try {
    const last: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return typeof last === 'object' && last !== null ? last : {}
  } catch (error) {
    if (error instanceof SyntaxError) return {}
    throw error
  }
}
