import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type WebSocket, WebSocketServer } from 'ws'
import { cookieName, type Door, hasToken, isOurAddress } from './door.ts'
import { EngineHost } from './engine-host.ts'
import { receiveUpload, sendFile } from './files.ts'

export interface WebOptions {
  /** Folder of the built window. */
  readonly renderer: string
  readonly samples: string
  readonly store: string
  readonly version: string
  /** 0 takes a free one. */
  readonly port: number
  /** A model to open at once. */
  readonly model?: string
}

export interface WebHost {
  /** With the token: what to open in a browser. */
  readonly url: string
  readonly enginePid: () => number | undefined
  close(): Promise<void>
}

/** Close code of a socket whose engine ended: the window may connect again at once. */
const engineEnded = 4001

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self' blob:",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** The app in a browser of this machine: files over HTTP, the engine over a WebSocket. Nobody else is let in. */
export async function serveWeb(options: WebOptions): Promise<WebHost> {
  const folder = await mkdtemp(join(tmpdir(), 'lathe-web-'))
  const uploads = join(folder, 'uploads')
  const exports = join(folder, 'exports')
  await Promise.all([uploads, exports].map((path) => mkdir(path)))
  const engine = new EngineHost({ store: options.store, version: options.version, samples: options.samples, uploads })
  const server = createServer()
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(options.port, '127.0.0.1', resolve))
  const door: Door = { port: (server.address() as AddressInfo).port, token: randomBytes(24).toString('base64url') }
  const place: Place = { ...options, door, uploads, exports }
  server.on('request', (request, response) => void answer(place, request, response))
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024 * 1024 })
  server.on('upgrade', (request, socket, head) => {
    const welcome = isOurAddress(door, request) && hasToken(door, request) && pathOf(request) === '/rpc'
    if (welcome) sockets.handleUpgrade(request, socket, head, (webSocket) => void converse(engine, webSocket))
    else socket.destroy()
  })
  return {
    url: `http://127.0.0.1:${door.port}/?token=${door.token}`,
    enginePid: () => engine.pid,
    async close() {
      for (const socket of sockets.clients) socket.terminate()
      server.closeAllConnections()
      await Promise.all([new Promise((resolve) => server.close(resolve)), engine.close()])
      await rm(folder, { recursive: true, force: true })
    },
  }
}

interface Place extends WebOptions {
  readonly door: Door
  readonly uploads: string
  readonly exports: string
}

const pathOf = ({ url }: IncomingMessage) => decodeURIComponent(new URL(url ?? '/', 'http://host').pathname)

async function answer(place: Place, request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.setHeader('content-security-policy', policy)
  response.setHeader('x-content-type-options', 'nosniff')
  response.setHeader('referrer-policy', 'no-referrer')
  response.setHeader('cache-control', 'no-store')
  try {
    if (!isOurAddress(place.door, request)) return deny(response, 403, 'Lathe answers only to the address that it printed.')
    if (!hasToken(place.door, request)) return deny(response, 401, 'Open the address that Lathe printed, with its token.')
    await route(place, request, response)
  } catch (error) {
    if (response.headersSent) response.destroy()
    else deny(response, 500, error instanceof Error ? error.message : String(error))
  }
}

async function route(place: Place, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { searchParams } = new URL(request.url ?? '/', 'http://host')
  const path = pathOf(request)
  if (searchParams.has('token') && path === '/') return keepToken(place, response)
  if (request.method === 'POST' && path === '/upload') {
    const name = searchParams.get('name') ?? 'model.onnx'
    return json(response, await receiveUpload(request, { folder: place.uploads, name, upload: searchParams.get('upload') }))
  }
  if (path === '/host.json') return json(response, { kind: 'web', exports: place.exports, model: place.model ?? null })
  if (path.startsWith('/exports/')) {
    if (await sendFile(response, { folder: place.exports, path: path.slice('/exports/'.length), attachment: true })) return
  } else if (await sendFile(response, { folder: place.renderer, path: path === '/' ? 'index.html' : path })) return
  deny(response, 404, 'There is nothing here.')
}

/** The token moves from the address, which lands in the history, into a cookie. */
function keepToken({ door }: Place, response: ServerResponse): void {
  response.writeHead(303, { location: '/', 'set-cookie': `${cookieName(door)}=${door.token}; Path=/; HttpOnly; SameSite=Strict` }).end()
}

const json = (response: ServerResponse, body: unknown): void =>
  void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))

const deny = (response: ServerResponse, status: number, text: string): void =>
  void response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text)

async function converse(engine: EngineHost, socket: WebSocket): Promise<void> {
  // What the window says before the engine is ready waits here.
  const early: (string | Uint8Array)[] = []
  let hear = (data: string | Uint8Array): void => void early.push(data)
  socket.on('message', (data, isBinary) => hear(isBinary ? new Uint8Array(data as Buffer) : data.toString()))
  try {
    const conversation = await engine.converse({
      onData: (data) => socket.send(data),
      onEnd: () => socket.close(engineEnded, 'the engine ended'),
    })
    socket.once('close', () => conversation.close())
    hear = (data) => conversation.send(data)
    for (const data of early) hear(data)
  } catch {
    // The engine went before it was ready; the window tries again.
    socket.close(engineEnded, 'the engine ended')
  }
}
