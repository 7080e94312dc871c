import { createORPCClient, ORPCError } from '@orpc/client'
import { RPCLink as PortLink } from '@orpc/client/message-port'
import { RPCLink as SocketLink } from '@orpc/client/websocket'
import type { ContractRouterClient } from '@orpc/contract'
import type { contract } from '../core/api/contract.ts'
import { type Problem, problemOf } from '../core/api/problem.ts'

export type Engine = ContractRouterClient<typeof contract>

/** A line to the engine; `ended` resolves when it breaks. */
export interface Line {
  readonly engine: Engine
  readonly ended: Promise<void>
}

/** What the desktop shell puts into the window: a port to the engine on request, and the native dialogs. */
export interface Shell {
  connect(): Promise<MessagePort>
  openFile(): Promise<string | null>
  saveFile(name: string): Promise<string | null>
  pathOf(file: File): string
  reveal(path: string): Promise<void>
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
  return desktop ? overPort(await desktop.connect()) : overSocket()
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

/** The `Problem` in whatever a call threw. */
export function problemIn(thrown: unknown): Problem {
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
