import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request as ask } from 'node:http'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/websocket'
import type { ContractRouterClient } from '@orpc/contract'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import type { contract, PlacedEvent } from '../../../core/api/contract.ts'
import { chain } from '../../support/engine.ts'
import { commandLine, sample } from '../../support/run-cli.ts'

/** The real program over real sockets, as `lathe ui --web` starts it. */
const { folder, start } = commandLine()
const digits = sample('digits-cnn', 'model.onnx')
let host: ReturnType<typeof start>
let url: URL
let port: number
let token: string
let cookie: string

beforeAll(async () => {
  writeFileSync(join(folder, 'given.onnx'), readFileSync(digits))
  writeFileSync(join(folder, 'secret.onnx'), readFileSync(digits))
  host = start('ui', '--web', '--no-open', '--json', join(folder, 'given.onnx'))
  const ended = host.ended.then(({ stderr }) => Promise.reject(new Error(`The host ended: ${stderr}`)))
  const [line] = (await Promise.race([once(host.process.stdout!, 'data'), ended])) as [string]
  url = new URL((JSON.parse(line) as { url: string }).url)
  port = Number(url.port)
  token = url.searchParams.get('token')!
  cookie = `lathe-${port}=${token}`
}, 120_000)

afterAll(async () => {
  host.process.kill('SIGINT')
  expect((await host.ended).status).toBe(0)
  // Nothing that was uploaded or exported is left.
  expect(readdirSync(join(folder, 'cache', 'web'))).toEqual([])
})

/** A request with exactly these headers and this target: `fetch` would mend both. */
function get(path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') {
  return new Promise<{ status: number; text: string; headers: NodeJS.Dict<string | string[]> }>((resolve, reject) => {
    const sent = ask({ host: '127.0.0.1', port, path, method, headers: { host: `127.0.0.1:${port}`, cookie, ...headers } }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      response.on('end', () => resolve({ status: response.statusCode!, text, headers: response.headers }))
    })
    sent.once('error', reject).end()
  })
}

/** @returns `open`, or the status that refused it */
function knock(headers: Readonly<Record<string, string>>, path = '/rpc'): Promise<string | number> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers: { cookie, ...headers } })
  return new Promise((resolve) => {
    socket.once('open', () => {
      socket.terminate()
      resolve('open')
    })
    socket.once('unexpected-response', (_request, response) => resolve(response.statusCode!))
    socket.once('error', () => resolve('refused'))
  })
}

async function line() {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/rpc`, { headers: { cookie } })
  await once(socket, 'open')
  const client: ContractRouterClient<typeof contract> = createORPCClient(
    new RPCLink({ websocket: socket as unknown as globalThis.WebSocket }),
  )
  return { socket, client }
}

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'allowed',
    (error: { data?: { code: string } }) => error.data?.code ?? String(error),
  )

describe('who comes in', () => {
  it('the printed address, whose token moves into a cookie of this site alone', async () => {
    const { status, headers } = await get(`/?token=${token}`, { cookie: '' })
    expect(status).toBe(303)
    expect(headers.location).toBe('/')
    expect(headers['set-cookie']).toEqual([`lathe-${port}=${token}; Path=/; HttpOnly; SameSite=Strict`])
    const page = await get('/')
    expect(page.status).toBe(200)
    expect(page.headers['content-security-policy']).toContain("default-src 'none'")
    expect(page.headers['cross-origin-resource-policy']).toBe('same-origin')
  })

  it.each([
    ['no token', ''],
    ['a wrong token', `lathe-1=x`],
    ['a token of the same length', `x=${'A'.repeat(32)}`],
    ['the token of another port', `lathe-1=TOKEN`],
  ])('nobody with %s, for no address at all', async (_what, given) => {
    const headers = { cookie: given.replace('TOKEN', token) }
    for (const path of ['/', '/host.json', '/index.html', '/exports/x', '/upload?name=x', '/?token=', `/?token=${token}x`])
      expect((await get(path, headers)).status, path).toBe(401)
    expect((await get('/upload?name=a.onnx', headers, 'POST')).status).toBe(401)
    expect(await knock(headers)).toBe(403)
  })

  it.each(['evil.example', `evil.example:80`, '127.0.0.1', `127.0.0.1:1`, `[::1]`, `localhost.evil.example`])(
    'nobody who asks for the host %s: a name that was bound anew to this machine',
    async (name) => {
      expect((await get('/host.json', { host: name })).status).toBe(403)
      expect(await knock({ host: name })).toBe(403)
    },
  )

  it.each(['https://evil.example', 'http://127.0.0.1:1', 'http://127.0.0.1', 'null', 'http://localhost.evil.example'])(
    'no page of %s',
    async (origin) => {
      expect((await get('/host.json', { origin })).status).toBe(403)
      expect((await get('/upload?name=a.onnx', { origin }, 'POST')).status).toBe(403)
      expect(await knock({ origin })).toBe(403)
    },
  )

  it('no page of another port that embeds ours, though the browser would send it our cookie', async () => {
    const embedded = { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' }
    expect((await get('/host.json', embedded)).status).toBe(403)
    expect((await get('/host.json', { ...embedded, 'sec-fetch-site': 'same-origin' })).status).toBe(200)
  })

  it('our own page', async () => {
    for (const origin of [`http://127.0.0.1:${port}`, `http://localhost:${port}`]) expect(await knock({ origin })).toBe('open')
    expect(await knock({}, '/elsewhere')).toBe(403)
  })

  it('nobody from another machine: only the loopback is listened on', async () => {
    const others = Object.values(networkInterfaces()).flatMap((each) => (each ?? []).filter(({ internal }) => !internal))
    for (const { address, family } of others) {
      const socket = connect({ host: address, port, family: family === 'IPv6' ? 6 : 4 })
      const [event] = await Promise.race([
        once(socket, 'connect').then(() => ['open']),
        once(socket, 'error').then(() => ['refused']),
      ]).catch(() => ['refused'])
      socket.destroy()
      expect(event, address).toBe('refused')
    }
    if (existsSync('/proc/net/tcp')) {
      const hex = port.toString(16).toUpperCase().padStart(4, '0')
      const bound = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => readFileSync(file, 'utf8').split('\n'))
      const listening = bound
        .map((row) => row.trim().split(/\s+/))
        .filter(([, local, , state]) => state === '0A' && local?.endsWith(`:${hex}`))
      expect(listening.map(([, local]) => local)).toEqual([`0100007F:${hex}`])
    }
  })
})

describe('files', () => {
  const ways = ['/../package.json', '/%2e%2e/package.json', '/..%2fpackage.json', '/..%5cpackage.json', '/assets/../../web-engine.mjs']
  it.each([
    ...ways,
    '/%2e%2e%2f%2e%2e%2fetc/passwd',
    '//etc/passwd',
    '/exports/../uploads',
    '/exports/..%2f..%2frecents.json',
    '/%00',
    '/exports/%00',
  ])('%s leads nowhere', async (path) => {
    expect((await get(path)).status).toBe(404)
  })

  it('what is no address, or no method of ours, is refused and ends nothing', async () => {
    expect((await get('/%zz')).status).toBe(400)
    expect((await get('/', {}, 'DELETE')).status).toBe(405)
    expect((await get('/', {}, 'PUT')).status).toBe(405)
    expect(await knock({}, '/%zz')).toBe(403)
    expect((await get('/host.json')).status).toBe(200)
  })

  it('an upload is opened by its id; under a bad name it is a problem with a mend', async () => {
    const bytes = readFileSync(digits)
    const post = (name: string) =>
      fetch(`http://127.0.0.1:${port}/upload?${new URLSearchParams({ name })}`, { method: 'POST', body: bytes, headers: { cookie } })
    const bad = await post('../../x.onnx')
    expect(bad.status).toBe(422)
    expect(await bad.json()).toMatchObject({ problem: { code: 'bad-file-name' } })
    const { upload, path } = (await (await post('digits.onnx')).json()) as { upload: string; path: string }
    const { socket, client } = await line()
    expect(await client.models.openUpload({ upload })).toMatchObject({ name: 'digits.onnx', nodes: 117 })
    expect(await client.models.open({ path })).toMatchObject({ nodes: 117 })
    for (const name of ['..', '../exports', upload.slice(1), ''])
      expect(await codeOf(client.models.openUpload({ upload: name }))).toBe('unknown-upload')
    expect((await client.models.recents()).map((recent) => recent.path)).not.toContain(path)
    socket.close()
  })
})

describe('the engine behind it', () => {
  it('opens what was given and nothing beside it, and lists what may be opened', async () => {
    const { socket, client } = await line()
    expect((await client.models.recents()).map(({ path, openedAt }) => [path, openedAt])).toEqual([[join(folder, 'given.onnx'), null]])
    const { model } = await client.models.open({ path: join(folder, 'given.onnx') })
    for (const path of [
      '/etc/passwd',
      join(folder, 'secret.onnx'),
      `${folder}/given.onnx/../secret.onnx`,
      join(folder, 'cache', 'recents.json'),
    ])
      expect(await codeOf(client.models.open({ path })), path).toBe('path-not-allowed')
    expect(await codeOf(client.models.export({ model, format: 'onnx', out: join(folder, 'stolen.onnx') }))).toBe('path-not-allowed')
    expect(existsSync(join(folder, 'stolen.onnx'))).toBe(false)
    expect((await client.models.recents())[0]).toMatchObject({ path: join(folder, 'given.onnx'), openedAt: expect.any(String) })
    socket.close()
  })

  it('finds the data beside a model that was given, and may read them', async () => {
    for (const name of ['dataset.json', 'eval.npz', 'calib.npz'])
      writeFileSync(join(folder, name), readFileSync(sample('digits-cnn', name)))
    const { socket, client } = await line()
    const { data, model } = await client.models.open({ path: join(folder, 'given.onnx') })
    expect(data).toBe(join(folder, 'dataset.json'))
    expect(await client.dataset({ path: data!, model })).toMatchObject({ evaluation: expect.any(Number), metric: 'accuracy' })
    socket.close()
    for (const name of ['dataset.json', 'eval.npz', 'calib.npz']) rmSync(join(folder, name))
  })

  it('exports to the folder of the page, from where the browser fetches it', async () => {
    const { socket, client } = await line()
    const { exports } = JSON.parse((await get('/host.json')).text) as { exports: string }
    const { model } = await client.models.open({ path: join(folder, 'given.onnx') })
    const { file, bytes } = await client.models.export({ model, format: 'onnx', out: join(exports, 'one', 'gïven.onnx'), check: false })
    expect(file).toBe(join(exports, 'one', 'gïven.onnx'))
    const fetched = await get(`/exports/one/${encodeURIComponent('gïven.onnx')}`)
    expect([fetched.status, Number(fetched.headers['content-length'])]).toEqual([200, bytes])
    expect(fetched.headers['content-disposition']).toBe(`attachment; filename*=UTF-8''g%C3%AFven.onnx`)
    expect(await codeOf(client.models.export({ model, format: 'onnx', out: join(exports, '..', 'out.onnx') }))).toBe('path-not-allowed')
    socket.close()
  })

  it('goes on with a run whose line breaks; another line hears the rest', async () => {
    const first = await line()
    const { model } = await first.client.models.open({ path: sample('text-bert', 'model.onnx') })
    const pipeline = chain(['tidy', 'clean-up'], ['int8', 'quantize-dynamic'])
    const { run } = await first.client.runs.start({ model, pipeline, measure: false, cache: false })
    const heard: PlacedEvent[] = []
    const hearing = (async () => {
      for await (const event of await first.client.runs.events({ run })) {
        heard.push(event)
        first.socket.terminate()
      }
    })()
    await hearing.catch(() => undefined)
    const second = await line()
    expect((await second.client.runs.list()).find((one) => one.run === run)).toMatchObject({
      model,
      path: sample('text-bert', 'model.onnx'),
    })
    for await (const event of await second.client.runs.events({ run, after: heard.at(-1)!.at })) heard.push(event)
    expect(heard.at(-1)?.event.type).toBe('finished')
    const places = heard.map(({ at }) => at)
    expect(places).toEqual(places.toSorted((a, b) => a - b))
    second.socket.close()
  })

  it('is not ended by a frame that is none, nor by text that is no request', async () => {
    const raw = connect({ host: '127.0.0.1', port })
    raw.on('error', () => undefined)
    const key = Buffer.from('0123456789abcdef').toString('base64')
    const head = ['GET /rpc HTTP/1.1', `host: 127.0.0.1:${port}`, `cookie: ${cookie}`, 'upgrade: websocket', 'connection: Upgrade']
    raw.write(`${[...head, 'sec-websocket-version: 13', `sec-websocket-key: ${key}`].join('\r\n')}\r\n\r\n`)
    await once(raw, 'data')
    const closed = once(raw, 'close')
    raw.write(Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff]))
    await closed
    const { socket, client } = await line()
    for (const nonsense of ['this is no request', new Uint8Array([1, 2, 3])]) {
      const other = await line()
      other.socket.send(nonsense)
      expect((await once(other.socket, 'close'))[0]).toBe(1008)
    }
    expect(await client.models.samples()).toHaveLength(2)
    socket.close()
  })

  it.skipIf(!existsSync(`/proc/${process.pid}/task/${process.pid}/children`))(
    'is replaced when it dies; lines are told, and a new one works',
    async () => {
      const { socket } = await line()
      const [engine] = readFileSync(`/proc/${host.process.pid}/task/${host.process.pid}/children`, 'utf8').trim().split(' ').map(Number)
      process.kill(engine!, 'SIGKILL')
      const [code] = await once(socket, 'close')
      expect(code).toBe(4001)
      await vi.waitFor(async () => {
        const { socket: again, client } = await line()
        expect(await client.models.samples()).toHaveLength(2)
        again.close()
      }, 20_000)
    },
    30_000,
  )
})
