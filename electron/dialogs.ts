import type { BrowserWindow, IpcMainInvokeEvent } from 'electron'
import type { Calls } from './calls.ts'
import type { EngineHost } from './engine-host.ts'
import { channels } from './messages.ts'
import { scheme } from './window.ts'

/** Answers what the window may ask of the shell: a port to the engine, the native dialogs, showing a file in its folder, and how far a run is on the task bar. */
export function answerWindow({ ipcMain, dialog, shell }: Calls, engine: EngineHost, window: () => BrowserWindow | null): void {
  const handle = <Args extends unknown[]>(channel: string, work: (owner: BrowserWindow, ...args: Args) => unknown) =>
    ipcMain.handle(channel, (event, ...args) => work(ownerOf(event, window()), ...(args as Args)))
  handle(channels.connect, (owner) => owner.webContents.postMessage(channels.port, null, [engine.connect()]))
  handle(channels.open, async (owner) => {
    const { filePaths } = await dialog.showOpenDialog(owner, {
      properties: ['openFile'],
      filters: [{ name: 'Models', extensions: ['onnx', 'tflite'] }],
    })
    return filePaths[0] ?? null
  })
  handle(channels.save, async (owner, name: string) => {
    const { filePath } = await dialog.showSaveDialog(owner, { defaultPath: String(name) })
    return filePath || null
  })
  handle(channels.progress, (owner, share: unknown) => owner.setProgressBar(barOf(share)))
  handle(channels.reveal, (_owner, path: string) => shell.showItemInFolder(String(path)))
}

/** In the words of the task bar: below 0 there is no bar, above 1 one that goes to and fro. */
function barOf(share: unknown): number {
  if (typeof share !== 'number' || Number.isNaN(share)) return -1
  return share < 0 ? 2 : Math.min(1, share)
}

/** Only the window's own main frame, on its own page, is answered. */
function ownerOf(event: IpcMainInvokeEvent, window: BrowserWindow | null): BrowserWindow {
  const frame = event.senderFrame
  const own = window !== null && event.sender === window.webContents && frame !== null && frame.parent === null
  if (!own || new URL(frame.url).protocol !== `${scheme}:`) throw new Error('This page may not ask the shell for anything')
  return window
}
