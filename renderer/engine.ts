import { createORPCClient, ORPCError } from '@orpc/client'
import { RPCLink as PortLink } from '@orpc/client/message-port'
import { RPCLink as SocketLink } from '@orpc/client/websocket'
import type { ContractRouterClient } from '@orpc/contract'
import type { contract } from '../core/api/contract.ts'
import { type Problem, ProblemError, problemOf } from '../core/api/problem.ts'

export type Engine = ContractRouterClient<typeof contract>

/** A line to the engine; `ended` resolves when it breaks. */
export interface Line {
  readonly engine: Engine
  readonly ended: Promise<void>
}

/** What the desktop shell puts into the window: a port to the engine on request, and the native dialogs. */
export interface Shell {
  /** Asks for a port to the engine; it arrives as a message to the window, for a port cannot pass the bridge. */
  connect(): Promise<void>
  openFile(): Promise<string | null>
  saveFile(name: string): Promise<string | null>
  pathOf(file: File): string
  reveal(path: string): Promise<void>
  /** How far a run is, 0..1, for the task bar; below 0 while that is not known, `null` when none goes on. */
  progress(share: number | null): Promise<void>
  /** Hears of files that the system asks to open; `null` when the menu asks for the open dialog. */
  onOpened(listener: (path: string | null) => void): void
}

declare global {
  interface Window {
    readonly lathe?: Shell
  }
}

export const shell = (): Shell | undefined => window.lathe

/** Opens a line: a port in the desktop shell, a socket in a browser. */
export async function openLine(): Promise<Line> {
  const desktop = shell()
  return desktop ? overPort(await portFrom(desktop)) : overSocket()
}

/** The name under which the shell's preload posts the port. */
const portMessage = 'lathe:port'

function portFrom(desktop: Shell): Promise<MessagePort> {
  return new Promise((resolve, reject) => {
    const hear = ({ data, ports, source }: MessageEvent): void => {
      const [port] = ports
      if (source !== window || data !== portMessage || port === undefined) return
      window.removeEventListener('message', hear)
      resolve(port)
    }
    window.addEventListener('message', hear)
    desktop.connect().catch(reject)
  })
}

function overPort(port: MessagePort): Line {
  const ended = new Promise<void>((resolve) => port.addEventListener('close', () => resolve()))
  port.start()
  return { engine: createORPCClient(new PortLink({ port })), ended }
}

function overSocket(): Promise<Line> {
  const socket = new WebSocket(new URL('rpc', window.location.href.replace(/^http/, 'ws')))
  const ended = new Promise<void>((resolve) => socket.addEventListener('close', () => resolve()))
  return new Promise((resolve, reject) => {
    socket.addEventListener('open', () => resolve({ engine: createORPCClient(new SocketLink({ websocket: socket })), ended }))
    socket.addEventListener('error', () => reject(new Error('The engine cannot be reached')))
  })
}

/** Whether the host of this window is there and knows it; the desktop shell always is. */
export async function hostAnswers(): Promise<boolean> {
  if (shell()) return true
  return fetch('host.json').then(
    ({ ok }) => ok,
    () => false,
  )
}

/** The `Problem` in whatever a call threw. */
export function problemIn(thrown: unknown): Problem {
  if (thrown instanceof ProblemError) return thrown.problem
  if (thrown instanceof ORPCError && thrown.code === 'PROBLEM') return thrown.data as Problem
  if (thrown instanceof Error && /abort|closed|WebSocket/i.test(thrown.message)) return lineBroke(thrown)
  return problemOf(thrown)
}

const lineBroke = ({ message }: Error): Problem => ({
  kind: 'internal',
  code: 'engine-gone',
  what: 'The engine went away during this call',
  where: {},
  mend: 'It is being restarted; try again in a moment.',
  details: message,
})
