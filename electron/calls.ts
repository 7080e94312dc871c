import type * as Electron from 'electron'

/** The part of Electron that the shell calls: handed over, so that tests can stand something else in its place. */
export type Calls = Pick<
  typeof Electron,
  | 'app'
  | 'BrowserWindow'
  | 'dialog'
  | 'ipcMain'
  | 'Menu'
  | 'MessageChannelMain'
  | 'nativeTheme'
  | 'net'
  | 'protocol'
  | 'screen'
  | 'shell'
  | 'utilityProcess'
>

/** Folders of the bundles, the built window, the samples and the engine's store; and the version for reports. */
export type Places = Readonly<Record<'bundles' | 'renderer' | 'samples' | 'store' | 'version', string>>
