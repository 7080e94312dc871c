import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type WebSocket, WebSocketServer } from 'ws'
import { type Problem, ProblemError, problemOf } from '../api/problem.ts'
import { noCache } from '../store/cache-folder.ts'
import { makeScratch, removeStaleScratch } from '../store/scratch.ts'
import { addressOf, cookieName, type Door, hasToken, isOurAddress } from './door.ts'
import { EngineHost } from './engine-host.ts'
import { sendFile } from './files.ts'
import { receiveUpload } from './upload.ts'

export interface WebOptions {
  /** Folder of the built window. */
  readonly renderer: string
  readonly samples: string
  readonly store: string
  readonly version: string
  /** 0 takes a free one; `usual` the one that browsers know from before, or a free one when that is taken. */
  readonly port: number | 'usual'
  /** Files and folders that the page may open; absolute paths. */
  readonly given?: readonly string[]
  /** A model to open at once. */
  readonly model?: string
}

export interface WebHost {
  /** With the token: what to open in a browser. */
  readonly url: string
  readonly enginePid: () => number | undefined
  close(): Promise<void>
}

/** Outside of the ranges that systems hand out by themselves. What a browser keeps for a page (pipelines, past runs) it keeps by port. */
const usualPort = 5284

/** Close code of a socket whose engine ended: the window may connect again at once. */
const engineEnded = 4001
/** Close code of a socket that says what is no request. */
const noRequest = 1008

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
  const { store, version, samples, given = [] } = options
  const { folder, uploads, exports } = await makeFolders(store)
  const server = createServer({ requestTimeout: 0 }) // a large upload takes its time
  try {
    await listen(server, options.port)
  } catch (error) {
    await folder.remove()
    throw error
  }
  const engine = new EngineHost({ store, version, samples, uploads, exports, given })
  const door: Door = { port: (server.address() as AddressInfo).port, token: randomBytes(24).toString('base64url') }
  const place: Place = { ...options, door, uploads, exports }
  server.on('request', (request, response) => void answer(place, request, response))
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024 * 1024 })
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    const welcome = isOurAddress(door, request) && hasToken(door, request) && addressOf(request)?.path === '/rpc'
    if (welcome) sockets.handleUpgrade(request, socket, head, (webSocket) => void converse(engine, webSocket))
    else socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n')
  })
  return {
    url: `http://127.0.0.1:${door.port}/?token=${door.token}`,
    enginePid: () => engine.pid,
    async close() {
      for (const socket of sockets.clients) socket.terminate()
      server.closeAllConnections()
      await Promise.all([new Promise((resolve) => server.close(resolve)), engine.close()])
      await folder.remove()
    },
  }
}

/** Where uploads and exports lie as long as the host runs. @throws ProblemError `no-cache` when the store takes none */
async function makeFolders(store: string) {
  const scratch = join(store, 'web')
  try {
    await removeStaleScratch(scratch)
    const folder = await makeScratch(scratch, 'host')
    const [uploads, exports] = [join(folder.path, 'uploads'), join(folder.path, 'exports')]
    await Promise.all([uploads, exports].map((path) => mkdir(path)))
    return { folder, uploads, exports }
  } catch (error) {
    throw noCache(store, error as Error)
  }
}

/** @throws ProblemError when the port cannot be had */
async function listen(server: Server, port: WebOptions['port']): Promise<void> {
  if (port === 'usual') return listen(server, usualPort).catch(() => listen(server, 0))
  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', () => resolve()))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new ProblemError({
      kind: 'input',
      code: code === 'EADDRINUSE' ? 'port-in-use' : 'port-refused',
      what: code === 'EADDRINUSE' ? `Another program listens on port ${port}` : `The system does not give out port ${port}`,
      where: {},
      mend: 'Choose another port with --port, or leave it out: then a free one is taken.',
      details: message,
    })
  }
}

interface Place extends WebOptions {
  readonly door: Door
  readonly uploads: string
  readonly exports: string
}

async function answer(place: Place, request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.setHeader('content-security-policy', policy)
  response.setHeader('x-content-type-options', 'nosniff')
  response.setHeader('referrer-policy', 'no-referrer')
  response.setHeader('cross-origin-resource-policy', 'same-origin')
  response.setHeader('cross-origin-opener-policy', 'same-origin')
  response.setHeader('cache-control', 'no-store')
  try {
    if (!isOurAddress(place.door, request)) return deny(response, 403, 'Lathe answers only to the address that it printed.')
    if (!hasToken(place.door, request)) return deny(response, 401, 'Open the address that Lathe printed, with its token.')
    await route(place, request, response)
  } catch (error) {
    if (response.headersSent) response.destroy()
    else refuse(response, request, problemOf(error))
  }
}

async function route(place: Place, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const address = addressOf(request)
  if (address === null) return deny(response, 400, 'This is no address.')
  const { path, query } = address
  if (request.method === 'POST' && path === '/upload') {
    const upload = { folder: place.uploads, name: query.get('name') ?? '', upload: query.get('upload') }
    return json(response, 200, await receiveUpload(request, upload))
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') return deny(response, 405, 'Nothing here takes that.')
  if (query.has('token') && path === '/') return keepToken(place, response)
  if (path === '/host.json') return json(response, 200, { kind: 'web', exports: place.exports, model: place.model ?? null })
  const exported = path.startsWith('/exports/')
  const sent = exported
    ? await sendFile(response, { folder: place.exports, path: path.slice('/exports/'.length), attachment: true })
    : await sendFile(response, { folder: place.renderer, path: path === '/' ? 'index.html' : path })
  if (!sent) deny(response, 404, 'There is nothing here.')
}

/** The token moves from the address, which lands in the history, into a cookie. */
function keepToken({ door }: Place, response: ServerResponse): void {
  response.writeHead(303, { location: '/', 'set-cookie': `${cookieName(door)}=${door.token}; Path=/; HttpOnly; SameSite=Strict` }).end()
}

const json = (response: ServerResponse, status: number, body: unknown): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))

const deny = (response: ServerResponse, status: number, text: string): void =>
  void response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text)

/** What a page is told when something cannot be done. What it still sends is read and dropped, so that it gets to hear. */
function refuse(response: ServerResponse, request: IncomingMessage, problem: Problem): void {
  request.resume()
  json(response, problem.kind === 'internal' ? 500 : 422, { problem })
}

async function converse(engine: EngineHost, socket: WebSocket): Promise<void> {
  // What the window says before the engine is ready waits here.
  const early: (string | Uint8Array)[] = []
  // A frame that is none ends the socket, not the host.
  socket.on('error', () => socket.terminate())
  let hear = (data: string | Uint8Array): void => void early.push(data)
  socket.on('message', (data, isBinary) => hear(isBinary ? new Uint8Array(data as Buffer) : data.toString()))
  try {
    const conversation = await engine.converse({
      onData: (data) => socket.send(data),
      onRefused: () => socket.close(noRequest, 'this is no request'),
      onEnd: () => socket.close(engineEnded, 'the engine ended'),
    })
    // It may have gone while the engine started: its close is then over, and nobody would tell the engine.
    if (socket.readyState === socket.CLOSED) return conversation.close()
    socket.once('close', () => conversation.close())
    hear = (data) => conversation.send(data)
    for (const data of early) hear(data)
  } catch {
    // The engine went before it was ready; the window tries again.
    socket.close(engineEnded, 'the engine ended')
  }
}
