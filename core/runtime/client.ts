import { tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { ProblemError } from '../api/problem.ts'
import { makeScratch, removeStaleScratch } from '../store/scratch.ts'
import { type Call, type Connection, cancelled, connect } from './connection.ts'
import type { ProgramName, Programs } from './messages.ts'
import type { RunControl, Runtime, SpawnRuntime } from './session.ts'

export interface RuntimeOptions {
  /** Resident bytes that a runtime process may take; 85 % of the machine's memory unless given. */
  readonly memoryLimit?: number
  /** Milliseconds that any one run of a model may take where its caller gives no timeout; without end unless given. */
  readonly timeout?: number
}

/**
 * The runtime, one program at a time so that nothing of ours disturbs a measurement. Nothing starts before the first call. Programs that
 * measure get a process of their own; the others share one, which is replaced when it dies.
 */
export function createRuntime(spawn: SpawnRuntime, options: RuntimeOptions = {}): Runtime {
  const lane = createLane()
  const processes = createProcesses(spawn, options.memoryLimit ?? Math.floor(totalmem() * 0.85))
  let info: Promise<Programs['info']['result']> | null = null

  const run = <Name extends ProgramName>(
    place: 'shared' | 'alone',
    program: Name,
    request: Programs[Name]['request'],
    control: RunControl = {},
  ): Promise<Programs[Name]['result']> => {
    const call: Call = { program, request, model: modelOf(request) }
    return lane(call, control.signal, async () => {
      const withTimeout = { ...control, timeout: control.timeout ?? options.timeout }
      const attempt = () => processes[place](call, withTimeout) as Promise<Programs[Name]['result']>
      return attempt().catch((error: unknown) => {
        if (!measuring.has(program) || !wasKilled(error)) throw error
        return attempt()
      })
    })
  }

  return {
    info() {
      info ??= run('shared', 'info', null).catch((error: unknown) => {
        info = null
        throw error
      })
      return info
    },
    execute: (request, control) => run('shared', 'execute', request, control),
    observe: (request, control) => run('shared', 'observe', request, control),
    time: (request, control) => run('alone', 'time', request, control),
    profile: (request, control) => withFolder((folder) => run('alone', 'profile', { ...request, folder }, control)),
    async optimize(request, control) {
      await run('shared', 'optimize', request, control)
    },
    lite: (request, control) => run('shared', 'lite', request, control),
    memory: (session, feeds, control) => run('alone', 'memory', { session, feeds }, control),
    async close() {
      processes.close()
    },
  }
}

/** Long programs that only read: one that is killed is begun once more in a fresh process. */
const measuring: ReadonlySet<ProgramName> = new Set<ProgramName>(['time', 'profile', 'memory', 'observe'])

const wasKilled = (error: unknown): boolean => error instanceof ProblemError && error.problem.code === 'runtime-killed'

/** A queue for one. Who is cancelled while waiting leaves it at once. */
function createLane() {
  let tail: Promise<unknown> = Promise.resolve()
  return <T>(call: Call, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> => {
    const turn = tail.then(() => {
      if (signal?.aborted) throw cancelled(call)
      return work()
    })
    tail = turn.catch(() => undefined)
    if (signal === undefined) return turn
    return new Promise((resolve, reject) => {
      const leave = () => reject(cancelled(call))
      if (signal.aborted) leave()
      signal.addEventListener('abort', leave, { once: true })
      turn.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
    })
  }
}

type CallProcess = (call: Call, control: RunControl) => Promise<unknown>

function createProcesses(spawn: SpawnRuntime, memoryLimit: number): { shared: CallProcess; alone: CallProcess; close(): void } {
  const living = new Set<Connection>()
  let shared: Connection | null = null
  let closed = false

  const start = async (call: Call): Promise<Connection> => {
    if (closed) throw startFailure('it was closed', call)
    const port = await spawn().catch((error: unknown) => {
      throw startFailure(error instanceof Error ? error.message : String(error), call)
    })
    const connection = connect(port, memoryLimit)
    living.add(connection)
    return connection
  }
  const stop = (connection: Connection) => {
    living.delete(connection)
    connection.kill()
  }
  return {
    async shared(call, control) {
      if (shared !== null && !shared.alive) living.delete(shared)
      if (shared === null || !shared.alive) shared = await start(call)
      return shared.call(call, control)
    },
    async alone(call, control) {
      const connection = await start(call)
      try {
        return await connection.call(call, control)
      } finally {
        stop(connection)
      }
    },
    close() {
      closed = true
      for (const connection of [...living]) stop(connection)
    },
  }
}

const startFailure = (why: string, { model }: Call): ProblemError =>
  new ProblemError({
    kind: 'runtime',
    code: 'runtime-start-failed',
    what: `The runtime process could not be started: ${why}`,
    where: model === undefined ? {} : { file: model },
    mend: 'Check that the installation is complete (onnxruntime-node, dist/runtime-worker.mjs).',
  })

function modelOf(request: Programs[ProgramName]['request']): string | undefined {
  if (request === null) return undefined
  if ('file' in request) return request.file
  return 'session' in request ? request.session.model : request.sessions[0]?.model
}

/** Where the runtime writes its profiles: large, and read once. By user, for a folder of one keeps the others of a machine out. */
const profiles = join(tmpdir(), `lathe-profiles-${process.getuid?.() ?? 'own'}`)

/** A temporary folder that is gone afterwards, also when the process that wrote into it died. What a killed engine left goes first. */
async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  await removeStaleScratch(profiles)
  const folder = await makeScratch(profiles, 'profile')
  try {
    return await work(folder.path)
  } finally {
    await folder.remove()
  }
}
