import { contextBridge, ipcRenderer, webUtils } from 'electron'
import { channels } from './messages.ts'

/**
 * All that the window gets of the shell. The port to the engine cannot pass the bridge: it is posted to the window itself.
 */
contextBridge.exposeInMainWorld('lathe', {
  connect: () => ipcRenderer.invoke(channels.connect),
  openFile: () => ipcRenderer.invoke(channels.open),
  saveFile: (name: string) => ipcRenderer.invoke(channels.save, name),
  reveal: (path: string) => ipcRenderer.invoke(channels.reveal, path),
  progress: (share: number | null) => ipcRenderer.invoke(channels.progress, share),
  pathOf: (file: File) => webUtils.getPathForFile(file),
  onOpened: (listener: (path: string | null) => void) => {
    ipcRenderer.on(channels.opened, (_event, path: string | null) => listener(path))
  },
})

/** The window as far as this script needs it; its types are of Node, as the rest of the shell. */
declare const window: {
  readonly location: { readonly origin: string }
  postMessage(message: unknown, origin: string, ports: unknown[]): void
}

ipcRenderer.on(channels.port, ({ ports }) => window.postMessage(channels.port, window.location.origin, [...ports]))
