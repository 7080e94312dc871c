import { type ChildProcess, fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openStore } from '../../../core/store/disk-store.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lathe-store-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const filesUnder = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())

const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

describe('blobs', () => {
  it('are named by their content, kept once, and read by ranges', async () => {
    const store = await openStore(root)
    const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i % 251)
    const blob = await store.put(bytes)
    expect(blob.id).toBe(`sha256:${sha(bytes)}`)
    expect(blob.size).toBe(1000)
    expect(blob.read(10, 20)).toEqual(bytes.slice(10, 20))
    expect((await store.put(bytes.slice())).id).toBe(blob.id)
    expect(filesUnder(join(root, 'blobs'))).toEqual([store.pathOf(blob.id)])
    expect(filesUnder(join(root, 'parts'))).toEqual([])
  })

  it('can come in pieces', async () => {
    const store = await openStore(root)
    async function* pieces() {
      for (let i = 0; i < 5; i++) yield new Uint8Array(100).fill(i)
    }
    const blob = await store.put(pieces())
    expect(blob.size).toBe(500)
    expect(blob.read(99, 101)).toEqual(Uint8Array.of(0, 1))
  })

  it('leave nothing behind when their source fails', async () => {
    const store = await openStore(root)
    async function* failing() {
      yield new Uint8Array(10)
      throw new Error('the source broke')
    }
    await expect(store.put(failing())).rejects.toThrow('the source broke')
    expect(filesUnder(join(root, 'blobs'))).toEqual([])
    expect(filesUnder(join(root, 'parts'))).toEqual([])
  })

  it('are found by id, and absent when unknown or emptied by a power failure', async () => {
    const store = await openStore(root)
    const blob = await store.put(Uint8Array.of(1, 2, 3))
    expect((await store.blob(blob.id))?.size).toBe(3)
    expect(await store.blob(`sha256:${'0'.repeat(64)}`)).toBeNull()
    truncateSync(store.pathOf(blob.id), 0)
    expect(await store.blob(blob.id)).toBeNull()
    expect((await store.put(Uint8Array.of(1, 2, 3))).read(0, 3)).toEqual(Uint8Array.of(1, 2, 3))
  })

  it('are absent, and kept again, when their content is no longer what it was', async () => {
    const bytes = new Uint8Array(1000).fill(7)
    const { id } = await (await openStore(root)).put(bytes)
    const path = (await openStore(root)).pathOf(id)
    const { atime, mtime } = statSync(path)
    writeFileSync(path, new Uint8Array(1000))
    utimesSync(path, atime, mtime)
    const store = await openStore(root)
    expect(await store.blob(id)).toBeNull()
    expect((await store.put(bytes)).read(0, 1000)).toEqual(bytes)
    expect((await (await openStore(root)).blob(id))?.read(0, 1000)).toEqual(bytes)
  })

  it('have no path outside of the store', async () => {
    const store = await openStore(root)
    expect(() => store.pathOf('sha256:../../etc/passwd')).toThrow(TypeError)
  })
})

describe('memo', () => {
  it('makes once and remembers across openings, whatever the order of the keys', async () => {
    const store = await openStore(root)
    let made = 0
    const make = async () => ({ made: ++made, bad: Number.NaN, values: Float32Array.of(1.5, -2) })
    expect(await store.memo({ a: 1, b: [2, { c: 3, d: 4 }] }, make)).toEqual({
      value: { made: 1, bad: Number.NaN, values: Float32Array.of(1.5, -2) },
      cached: false,
    })
    const again = await (await openStore(root)).memo({ b: [2, { d: 4, c: 3 }], a: 1 }, make)
    expect(again).toEqual({ value: { made: 1, bad: Number.NaN, values: Float32Array.of(1.5, -2) }, cached: true })
    expect((await store.memo({ a: 2, b: [2, { c: 3, d: 4 }] }, make)).cached).toBe(false)
  })

  it('makes at most once at a time for a key', async () => {
    const store = await openStore(root)
    let made = 0
    const make = async () => {
      await new Promise((resolve) => setTimeout(resolve, 30))
      return ++made
    }
    const all = await Promise.all([store.memo({ k: 1 }, make), store.memo({ k: 1 }, make), store.memo({ k: 1 }, make)])
    expect(all.map(({ value }) => value)).toEqual([1, 1, 1])
    expect(made).toBe(1)
  })

  it('lets the next one try when the first fails', async () => {
    const store = await openStore(root)
    let calls = 0
    const make = async () => {
      calls += 1
      await new Promise((resolve) => setTimeout(resolve, 20))
      if (calls === 1) throw new Error('cancelled')
      return 'made'
    }
    const first = store.memo({ k: 1 }, make)
    const second = store.memo({ k: 1 }, make)
    await expect(first).rejects.toThrow('cancelled')
    expect(await second).toEqual({ value: 'made', cached: false })
  })

  it('makes anew when asked, and when what is remembered is damaged or no longer valid', async () => {
    const store = await openStore(root)
    let made = 0
    const make = async () => ++made
    await store.memo({ k: 1 }, make)
    expect((await store.memo({ k: 1 }, make, { fresh: true })).value).toBe(2)
    expect((await store.memo({ k: 1 }, make)).value).toBe(2)
    expect((await store.memo({ k: 1 }, make, { valid: async (value) => value > 2 })).value).toBe(3)
    const [file] = filesUnder(join(root, 'results-1'))
    for (const damage of ['', '{"val', '{"$lathe":']) {
      writeFileSync(file as string, damage)
      expect((await store.memo({ k: 1 }, make)).cached).toBe(false)
    }
    expect((await store.memo({ k: 1 }, make)).value).toBe(6)
    writeFileSync(file as string, readFileSync(file as string, 'utf8').replace(/6$/, '9'))
    expect(await store.memo({ k: 1 }, make)).toEqual({ value: 7, cached: false })
  })

  it('refuses what it could not give back', async () => {
    const store = await openStore(root)
    await expect(store.memo({ k: 1 }, async () => new Map([[1, 2]]))).rejects.toThrow('a Map is no plain data')
    await expect(store.memo({ k: () => 1 }, async () => 1)).rejects.toThrow('a function is no plain data')
  })
})

describe('between processes', () => {
  const children: ChildProcess[] = []
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
  })

  /** Runs a snippet with `openStore` and `root` in a process of its own. */
  async function run(snippet: string): Promise<ChildProcess> {
    const source = join(import.meta.dirname, '../../../core/store/disk-store.ts')
    const contents = `import { openStore } from ${JSON.stringify(source)}; const root = ${JSON.stringify(join(root, 'store'))}; ${snippet}`
    const outfile = join(root, `child-${children.length}.mjs`)
    await build({ stdin: { contents, resolveDir: root }, outfile, bundle: true, platform: 'node', format: 'esm' })
    const child = fork(outfile, [], { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    children.push(child)
    return child
  }
  const said = (child: ChildProcess): Promise<unknown> => new Promise((resolve) => child.once('message', resolve))
  const ended = (child: ChildProcess): Promise<unknown> => new Promise((resolve) => child.once('exit', resolve))

  it('one makes, the other waits for it', async () => {
    const slow = await run(`
      const store = await openStore(root)
      const { value } = await store.memo({ k: 1 }, async () => { process.send('making'); await new Promise((r) => setTimeout(r, 300)); return 'theirs' })
      process.exit(0)`)
    await said(slow)
    const store = await openStore(join(root, 'store'))
    expect(await store.memo({ k: 1 }, async () => 'ours')).toEqual({ value: 'theirs', cached: true })
  })

  it('a kill leaves no half result, no lock that holds anyone up, and no litter', async () => {
    const killed = await run(`
      const store = await openStore(root)
      await store.scratch('work')
      const forever = (async function* () { yield new Uint8Array(100000); process.send('writing'); await new Promise(() => setInterval(() => {}, 1000)) })()
      await store.memo({ k: 1 }, async () => (await store.put(forever)).id)`)
    await said(killed)
    killed.kill('SIGKILL')
    await ended(killed)
    const path = join(root, 'store')
    expect(filesUnder(join(path, 'parts'))).toHaveLength(1)
    const store = await openStore(path)
    expect(await store.memo({ k: 1 }, async () => 'ours')).toEqual({ value: 'ours', cached: false })
    expect(
      filesUnder(path)
        .map((file) => file.slice(path.length + 1, path.length + 8))
        .sort(),
    ).toEqual(['pruned', 'results'])
    expect(readdirSync(join(path, 'scratch'))).toEqual([])
  })

  it('a process that ends by itself removes its scratch folders', async () => {
    const child = await run(`
      const store = await openStore(root)
      const { path } = await store.scratch('work')
      process.send(path, () => process.exit(0))`)
    const path = (await said(child)) as string
    await ended(child)
    expect(existsSync(path)).toBe(false)
  })
})

describe('scratch', () => {
  it('is empty, one of its own, and gone when removed', async () => {
    const store = await openStore(root)
    const [a, b] = [await store.scratch('session'), await store.scratch('session')]
    expect(a.path).not.toBe(b.path)
    writeFileSync(join(a.path, 'file'), 'x')
    await a.remove()
    expect(existsSync(a.path)).toBe(false)
    expect(readdirSync(b.path)).toEqual([])
    await b.remove()
  })
})

describe('prune', () => {
  it('removes what was used longest ago when the store is opened, and nothing young', async () => {
    const writer = await openStore(root)
    const ids: string[] = []
    for (let i = 0; i < 4; i++) ids.push((await writer.put(new Uint8Array(1000).fill(i))).id)
    ids.slice(1).forEach((id, age) => {
      const hours = new Date(Date.now() - (age + 1) * 3600_000)
      utimesSync(writer.pathOf(id), hours, hours)
    })
    await writer.blob(ids[3] as string)
    const left = async (maxBytes: number) => {
      rmSync(join(root, 'pruned'))
      await openStore(root, maxBytes)
      return ids.map((id) => existsSync(writer.pathOf(id)))
    }
    expect(await left(4000)).toEqual([true, true, true, true])
    expect(await left(3500)).toEqual([true, true, false, true])
    expect(await left(0)).toEqual([true, false, false, true])
  })

  it('happens by itself when the store is opened, once a day', async () => {
    const fill = async (byte: number) => {
      const { id } = await (await openStore(root)).put(new Uint8Array(1000).fill(byte))
      const old = new Date(Date.now() - 3600_000)
      utimesSync(join(root, 'blobs', id.slice(7, 9), id.slice(7)), old, old)
    }
    await fill(1)
    expect(filesUnder(join(root, 'blobs'))).toHaveLength(1)
    await openStore(root, 0)
    expect(filesUnder(join(root, 'blobs'))).toHaveLength(1)
    const yesterday = new Date(Date.now() - 25 * 3600_000)
    utimesSync(join(root, 'pruned'), yesterday, yesterday)
    await openStore(root, 0)
    expect(filesUnder(join(root, 'blobs'))).toHaveLength(0)
  })
})

describe('a folder that cannot be used', () => {
  it('is named, with the way to name another', async () => {
    const file = join(root, 'file')
    writeFileSync(file, '')
    for (const folder of [file, join(file, 'inside')])
      await expect(openStore(folder)).rejects.toMatchObject({
        problem: { code: 'no-cache', where: { file: folder }, mend: expect.stringContaining('LATHE_CACHE') },
      })
  })
})
