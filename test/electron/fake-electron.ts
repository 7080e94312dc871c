import { EventEmitter } from 'node:events'
import type { Calls } from '../../electron/calls.ts'

/**
 * A FAKE of the few Electron calls that the shell makes, typed against Electron's own types: it records what was asked of it and lets a test
 * play the system's part. It proves what the shell asks for, not what Electron does with it; that is what the walk with the real binary is for.
 */
export class FakeElectron {
  readonly app = Object.assign(new EventEmitter(), {
    lock: true,
    quits: 0,
    recent: [] as string[],
    requestSingleInstanceLock: () => this.app.lock,
    whenReady: () => Promise.resolve(),
    quit: () => {
      this.app.quits += 1
    },
    addRecentDocument: (path: string) => this.app.recent.push(path),
  })
  readonly windows: FakeWindow[] = []
  readonly handlers = new Map<string, (event: unknown, ...args: unknown[]) => unknown>()
  readonly processes: FakeProcess[] = []
  readonly schemes = new Map<string, (request: { url: string }) => unknown>()
  readonly revealed: string[] = []
  readonly questions: string[] = []
  /** Which button is pressed in answer to the next question. */
  answer = 0
  displays = [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }]
  menu: unknown = null

  /** What the shell gets: everything it may call and nothing else. */
  calls(): Calls {
    const fake = this
    const parts = {
      app: this.app,
      BrowserWindow: class extends FakeWindow {
        constructor(options: object) {
          super(options)
          fake.windows.push(this)
        }
      },
      dialog: {
        showOpenDialog: async () => ({ canceled: false, filePaths: ['/models/chosen.onnx'] }),
        showSaveDialog: async (_window: unknown, options: { defaultPath: string }) => ({
          canceled: false,
          filePath: `/out/${options.defaultPath}`,
        }),
        showMessageBox: async (_window: unknown, options: { message: string; detail: string }) => {
          this.questions.push(`${options.message}. ${options.detail}`)
          return { response: this.answer }
        },
      },
      ipcMain: {
        handle: (channel: string, handler: (event: unknown, ...args: unknown[]) => unknown) => this.handlers.set(channel, handler),
      },
      Menu: { buildFromTemplate: (template: unknown) => template, setApplicationMenu: (menu: unknown) => (this.menu = menu) },
      MessageChannelMain: class {
        readonly port1 = { end: 'engine' }
        readonly port2 = { end: 'other' }
      },
      nativeTheme: { shouldUseDarkColors: true },
      net: { fetch: async (url: string) => new Response(url) },
      protocol: {
        registerSchemesAsPrivileged: () => undefined,
        handle: (scheme: string, handler: (request: { url: string }) => unknown) => this.schemes.set(scheme, handler),
      },
      screen: { getAllDisplays: () => this.displays },
      shell: { showItemInFolder: (path: string) => this.revealed.push(path) },
      utilityProcess: {
        fork: (path: string) => {
          const made = new FakeProcess(path)
          this.processes.push(made)
          return made
        },
      },
    }
    return parts as unknown as Calls
  }
}

export class FakeProcess extends EventEmitter {
  readonly path: string
  readonly pid = 4711
  readonly said: { message: { type: string }; ports: unknown[] }[] = []
  readonly stderr = new EventEmitter()
  kills = 0

  constructor(path: string) {
    super()
    this.path = path
  }

  postMessage(message: { type: string }, ports: unknown[] = []): void {
    this.said.push({ message, ports })
  }

  kill(): void {
    this.kills += 1
  }
}

type PermissionCheck = (contents: unknown, name: string) => boolean

export class FakeWindow extends EventEmitter {
  readonly options: { webPreferences?: Record<string, unknown> }
  readonly webContents = Object.assign(new EventEmitter(), {
    sent: [] as [string, unknown][],
    posted: [] as [string, unknown[]][],
    opens: null as null | (() => { action: string }),
    permission: null as null | ((contents: unknown, name: string, answer: (granted: boolean) => void) => void),
    check: null as null | PermissionCheck,
    send: (channel: string, message: unknown) => this.webContents.sent.push([channel, message]),
    postMessage: (channel: string, _message: unknown, ports: unknown[]) => this.webContents.posted.push([channel, ports]),
    setWindowOpenHandler: (handler: () => { action: string }) => {
      this.webContents.opens = handler
    },
    session: {
      setPermissionRequestHandler: (handler: NonNullable<typeof this.webContents.permission>) => {
        this.webContents.permission = handler
      },
      setPermissionCheckHandler: (handler: PermissionCheck) => {
        this.webContents.check = handler
      },
    },
  })
  url = ''
  shown = 0
  loads = 0
  minimized = false
  destroyed = false
  bar = -1

  constructor(options: object) {
    super()
    this.options = options
  }

  loadURL(url: string): Promise<void> {
    this.url = url
    this.loads += 1
    return Promise.resolve()
  }

  show(): void {
    this.shown += 1
  }

  isDestroyed(): boolean {
    return this.destroyed
  }

  isMinimized(): boolean {
    return this.minimized
  }

  setProgressBar(share: number): void {
    this.bar = share
  }

  restore(): void {
    this.minimized = false
  }

  getNormalBounds(): object {
    return { x: 1, y: 2, width: 1000, height: 700 }
  }
}
