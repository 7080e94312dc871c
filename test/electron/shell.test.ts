import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { channels } from '../../electron/messages.ts'
import { startShell } from '../../electron/shell.ts'
import { boundsOn, home, scheme } from '../../electron/window.ts'
import { FakeElectron, type FakeProcess, type FakeWindow } from './fake-electron.ts'

let folder: string
let fake: FakeElectron

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lathe-shell-'))
  fake = new FakeElectron()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const start = (argv: readonly string[] = ['electron']) =>
  startShell(
    fake.calls(),
    { bundles: '/app/dist', renderer: folder, samples: '/app/samples', store: join(folder, 'store'), version: '0.0.0' },
    argv,
  )

const window = (): FakeWindow => fake.windows[0] as FakeWindow
const engine = (): FakeProcess => fake.processes[0] as FakeProcess
const ask = (channel: string, url = home, args: unknown[] = []) => {
  const frame = { url, parent: null }
  return fake.handlers.get(channel)?.({ sender: window().webContents, senderFrame: frame }, ...args)
}

describe('the window', () => {
  it('is locked down: isolated, sandboxed, without Node', async () => {
    await start()
    expect(window().options.webPreferences).toMatchObject({ contextIsolation: true, sandbox: true, nodeIntegration: false })
    expect(window().url).toBe(home)
  })

  it('goes nowhere, opens nothing and is granted nothing but to copy', async () => {
    await start()
    let prevented = false
    window().webContents.emit('will-navigate', { preventDefault: () => (prevented = true) })
    expect(prevented).toBe(true)
    expect(window().webContents.opens?.()).toEqual({ action: 'deny' })
    for (const [permission, granted] of [
      ['geolocation', false],
      ['clipboard-read', false],
      ['clipboard-sanitized-write', true],
    ] as const) {
      const answers: boolean[] = []
      window().webContents.permission?.({}, permission, (answer) => answers.push(answer))
      expect([permission, ...answers, window().webContents.check?.({}, permission)]).toEqual([permission, granted, granted])
    }
  })

  it('closes where its place cannot be kept', async () => {
    await start()
    mkdirSync(join(folder, 'store', 'window.json'))
    expect(() => window().emit('close')).not.toThrow()
  })

  it('is loaded again when its process died, and not when it was closed', async () => {
    await start()
    window().webContents.emit('render-process-gone', {}, { reason: 'clean-exit' })
    expect(window().loads).toBe(1)
    window().webContents.emit('render-process-gone', {}, { reason: 'crashed' })
    expect(window().loads).toBe(2)
  })

  describe('whose process dies time after time', () => {
    const die = async (times: number) => {
      for (let i = 0; i < times; i++) window().webContents.emit('render-process-gone', {}, { reason: 'crashed' })
      await Promise.resolve()
      await Promise.resolve()
    }

    it('is not loaded again before somebody says so', async () => {
      await start()
      await die(2)
      expect([window().loads, fake.questions]).toEqual([3, []])
      await die(1)
      expect(fake.questions).toEqual([expect.stringMatching(/ended 3 times within a minute\. The system says: crashed\./)])
      expect(window().loads).toBe(4)
      // What was answered begins the count anew.
      await die(2)
      expect([window().loads, fake.questions.length]).toEqual([6, 1])
    })

    it('ends the program where that is the answer, and a closed window stays closed', async () => {
      await start()
      fake.answer = 1
      await die(3)
      expect([window().loads, fake.app.quits]).toEqual([3, 1])
      fake.answer = 0
      window().destroyed = true
      await die(3)
      expect(window().loads).toBe(5)
    })

    it('is loaded again where that is seldom', async () => {
      vi.useFakeTimers({ toFake: ['performance'] })
      onTestFinished(() => {
        vi.useRealTimers()
      })
      await start()
      for (let i = 0; i < 5; i++) {
        await die(1)
        vi.advanceTimersByTime(40_000)
      }
      expect([window().loads, fake.questions]).toEqual([6, []])
    })
  })

  it('comes back from the task bar when a second start asks for it', async () => {
    await start()
    window().minimized = true
    fake.app.emit('second-instance', {}, ['electron', 'model.onnx'], '/models')
    expect(window().minimized).toBe(false)
  })

  it('is served from its own folder and nothing outside of it', async () => {
    writeFileSync(join(folder, 'index.html'), 'here')
    await start()
    const serve = fake.schemes.get(scheme) as (request: { url: string }) => Promise<Response>
    const inside = await serve({ url: home })
    expect(await inside.text()).toContain('index.html')
    for (const path of ['../../etc/passwd', '%2e%2e/%2e%2e/etc/passwd', 'absent.js', '%', 'a%E0%A4%A.js']) {
      expect((await serve({ url: `${scheme}://app/${path}` })).status).toBe(404)
    }
  })

  it('comes back where it was', async () => {
    await start()
    window().emit('close')
    expect(JSON.parse(readFileSync(join(folder, 'store', 'window.json'), 'utf8'))).toMatchObject({ width: 1000 })
    window().emit('closed')
    fake.app.emit('activate')
    expect(fake.windows[1]?.options).toMatchObject({ x: 1, y: 2, width: 1000, height: 700 })
  })

  it('comes back in sight when the display that it was on is gone', async () => {
    await start()
    window().emit('close')
    window().emit('closed')
    fake.displays = [{ workArea: { x: 3000, y: 0, width: 800, height: 600 } }]
    fake.app.emit('activate')
    expect(fake.windows[1]?.options).toMatchObject({ width: 800, height: 600 })
    expect(fake.windows[1]?.options).not.toHaveProperty('x')
  })
})

it('takes hold of a window only by a title that a display shows', () => {
  const displays = [
    { x: 0, y: 0, width: 1920, height: 1080 },
    { x: 1920, y: -200, width: 1280, height: 1024 },
  ]
  const bounds = (x: number, y: number, width = 1000, height = 700) => boundsOn(displays, { x, y, width, height })
  expect(bounds(100, 100)).toEqual({ x: 100, y: 100, width: 1000, height: 700 })
  expect(bounds(2000, -150)).toEqual({ x: 2000, y: -150, width: 1000, height: 700 })
  const sizeAlone = { width: 1000, height: 700 }
  for (const [x, y] of [
    [5000, 0],
    [-950, 100],
    [100, -300],
    [100, 1070],
  ] as const)
    expect(bounds(x, y)).toEqual(sizeAlone)
  expect(bounds(0, 0, 4000, 3000)).toEqual({ x: 0, y: 0, width: 1920, height: 1080 })
  expect(boundsOn(displays, { width: 5 })).toEqual({})
  expect(boundsOn(displays, { x: 0, y: 0, width: 100, height: Number.NaN })).toEqual({})
})

describe('what the window may ask', () => {
  it('a port to the engine, whose other end goes to the engine', async () => {
    await start()
    await ask(channels.connect)
    expect(window().webContents.posted).toEqual([[channels.port, [{ end: 'other' }]]])
    expect(engine().said.map(({ message, ports }) => [message.type, ports])).toEqual([
      ['settings', []],
      ['window', [{ end: 'engine' }]],
    ])
  })

  it('the native dialogs, and to show a file', async () => {
    await start()
    expect(await ask(channels.open)).toBe('/models/chosen.onnx')
    expect(await ask(channels.save, home, ['model.onnx'])).toBe('/out/model.onnx')
    await ask(channels.reveal, home, ['/out/model.onnx'])
    expect(fake.revealed).toEqual(['/out/model.onnx'])
  })

  it('to show how far a run is on the task bar', async () => {
    await start()
    const bars = [0.4, 7, -1, null, Number.NaN, 'x'].map((share) => {
      ask(channels.progress, home, [share])
      return window().bar
    })
    expect(bars).toEqual([0.4, 1, 2, -1, -1, -1])
  })

  it('nothing, when another page or an inner frame asks', async () => {
    await start()
    expect(() => ask(channels.connect, 'https://example.com/')).toThrow('may not ask')
    const inner = { sender: window().webContents, senderFrame: { url: home, parent: {} } }
    expect(() => fake.handlers.get(channels.open)?.(inner)).toThrow('may not ask')
    expect(() => fake.handlers.get(channels.open)?.({ sender: {}, senderFrame: { url: home, parent: null } })).toThrow('may not ask')
  })
})

describe('processes', () => {
  it('the engine is replaced when it ends, not in the same breath, and its runtimes end with it', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    onTestFinished(() => {
      vi.useRealTimers()
    })
    await start()
    engine().emit('message', { type: 'spawn-runtime', id: 0 })
    const runtime = fake.processes[1] as FakeProcess
    runtime.emit('spawn')
    expect(runtime.said).toEqual([{ message: { type: 'port' }, ports: [{ end: 'other' }] }])
    expect(engine().said.at(-1)).toEqual({ message: { type: 'runtime', id: 0 }, ports: [{ end: 'engine' }] })
    engine().emit('exit', 9)
    expect(runtime.kills).toBe(1)
    expect(fake.processes).toHaveLength(2)
    vi.advanceTimersByTime(1000)
    expect(fake.processes.map(({ path }) => path)).toEqual([
      '/app/dist/electron-engine.mjs',
      '/app/dist/runtime-worker.mjs',
      '/app/dist/electron-engine.mjs',
    ])
  })

  it('a runtime that dies is told of, with the end of its error stream; one that is to go is killed', async () => {
    await start()
    engine().emit('message', { type: 'spawn-runtime', id: 3 })
    const runtime = fake.processes[1] as FakeProcess
    engine().emit('message', { type: 'kill-runtime', id: 3 })
    expect(runtime.kills).toBe(1)
    runtime.stderr.emit('data', Buffer.from('out of memory'))
    runtime.emit('exit', 134)
    expect(engine().said.at(-1)?.message).toEqual({ type: 'runtime-exit', id: 3, code: 134, stderr: 'out of memory' })
  })

  it('end with the app', async () => {
    await start()
    fake.app.emit('will-quit')
    expect(engine().kills).toBe(1)
    engine().emit('exit', 0)
    expect(fake.processes).toHaveLength(1)
  })
})

describe('opening models', () => {
  it('from the arguments of the start, once the window listens', async () => {
    await start(['electron', 'model.onnx'])
    window().webContents.emit('did-finish-load')
    expect(window().webContents.sent).toEqual([[channels.opened, join(process.cwd(), 'model.onnx')]])
  })

  it('from the menu, the dock and "open with": the window that is there, or a new one', async () => {
    await start()
    const [, file] = fake.menu as { label: string; submenu: { label: string; click: () => void }[] }[]
    const menu = (process.platform === 'darwin' ? file : (fake.menu as (typeof file)[])[0])!
    menu.submenu[0]!.click()
    const openFile = (path: string) => {
      let prevented = false
      fake.app.emit('open-file', { preventDefault: () => (prevented = true) }, path)
      expect(prevented).toBe(true)
    }
    openFile('/folder/dropped.onnx')
    expect(window().webContents.sent).toEqual([
      [channels.opened, null],
      [channels.opened, '/folder/dropped.onnx'],
    ])
    window().emit('closed')
    openFile('/folder/later.onnx')
    expect(fake.windows).toHaveLength(2)
    const second = fake.windows[1] as FakeWindow
    second.webContents.emit('did-finish-load')
    expect(second.webContents.sent).toEqual([[channels.opened, '/folder/later.onnx']])
    second.emit('closed')
    menu.submenu[0]!.click()
    // What was opened once is not opened again in the next window.
    fake.windows[2]!.webContents.emit('did-finish-load')
    expect(fake.windows[2]!.webContents.sent).toEqual([])
    expect(fake.app.recent).toEqual(['/folder/dropped.onnx', '/folder/later.onnx'])
  })

  it('from before the program was ready, as a Mac does it', async () => {
    const started = start()
    fake.app.emit('open-file', { preventDefault: () => undefined }, '/folder/early.onnx')
    await started
    expect(fake.windows).toHaveLength(1)
    window().webContents.emit('did-finish-load')
    expect(window().webContents.sent).toEqual([[channels.opened, '/folder/early.onnx']])
  })

  it('from a second start, which ends at once', async () => {
    await start()
    fake.app.emit('second-instance', {}, ['electron', 'other.onnx'], '/folder')
    expect(window().webContents.sent).toEqual([[channels.opened, '/folder/other.onnx']])
    expect(fake.app.recent).toEqual(['/folder/other.onnx'])
    const second = new FakeElectron()
    second.app.lock = false
    await startShell(second.calls(), { bundles: '', renderer: '', samples: '', store: '', version: '' })
    expect([second.app.quits, second.windows.length]).toEqual([1, 0])
  })
})
