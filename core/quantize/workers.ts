import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { DType } from '../ir/dtype.ts'
import { countOf, type Tensor } from '../ir/tensor.ts'
import { floatsOf, type Kernel, type Kernels, kernels } from './kernels.ts'

/** Where a thread finds the bytes of a weight: in a file, which it reads itself, or handed over. */
export type Source =
  | { readonly path: string; readonly offset: number; readonly length: number }
  | { readonly bytes: Uint8Array<ArrayBuffer> }

export interface Request {
  readonly kernel: Kernel
  readonly source: Source
  readonly dtype: DType
  readonly options: unknown
}

export type Reply = { readonly result: object } | { readonly failed: string }

/** Below this many elements handing a weight to a thread costs more than the work. */
const worthAThread = 2 ** 17

/** The bundle of `worker.ts` that stands beside this one; sources run without threads. */
const bundledWorker = () => fileURLToPath(new URL('./quantize-worker.mjs', import.meta.url))

interface Waiting {
  readonly tensor: Tensor
  readonly kernel: Kernel
  readonly options: unknown
  resolve(result: object): void
  reject(error: Error): void
}

/**
 * Threads that work on weights, one for each core. A thread holds one weight at a time, so memory is bounded by the largest weights, and
 * results come back without a copy.
 */
export class Workers {
  readonly #entry: string
  readonly #most: number
  readonly #signal: AbortSignal | null
  readonly #threads = new Set<Worker>()
  readonly #idle: Worker[] = []
  readonly #busy = new Map<Worker, Waiting>()
  readonly #queue: Waiting[] = []
  readonly #abort = () => this.#fail(new Error('the work was cancelled'))

  constructor({ signal, entry = bundledWorker(), threads = availableParallelism() }: WorkersOptions = {}) {
    this.#entry = entry
    this.#most = existsSync(entry) ? threads : 0
    this.#signal = signal ?? null
    this.#signal?.addEventListener('abort', this.#abort, { once: true })
  }

  /** Runs a kernel over the float elements of a tensor. */
  async run<K extends Kernel>(kernel: K, tensor: Tensor, options: Kernels[K]['options']): Promise<Kernels[K]['result']> {
    this.#signal?.throwIfAborted()
    if (this.#most === 0 || countOf(tensor.ref.dims) < worthAThread)
      return kernels[kernel](floatsOf(tensor.ref.dtype, tensor.read()), options)
    return new Promise<object>((resolve, reject) => {
      this.#queue.push({ kernel, tensor, options, resolve, reject })
      this.#next()
    }) as Promise<Kernels[K]['result']>
  }

  close(): void {
    this.#signal?.removeEventListener('abort', this.#abort)
    this.#fail(new Error('the threads were closed'))
  }

  #next(): void {
    const waiting = this.#queue[0]
    const thread = waiting && (this.#idle.pop() ?? this.#start())
    if (!waiting || !thread) return
    this.#queue.shift()
    try {
      hand(waiting, thread)
      this.#busy.set(thread, waiting)
    } catch (error) {
      // What cannot be read fails its own work, not whoever set the thread free.
      this.#idle.push(thread)
      waiting.reject(error as Error)
      this.#next()
    }
  }

  #start(): Worker | null {
    if (this.#threads.size >= this.#most) return null
    const thread = new Worker(this.#entry, { execArgv: [] })
    this.#threads.add(thread)
    thread.on('message', (reply: Reply) => {
      this.#idle.push(thread)
      this.#settle(thread, (work) => finish(work, reply))
    })
    thread.on('error', (error: Error) => this.#settle(thread, (work) => work.reject(error)))
    thread.on('exit', () => {
      this.#threads.delete(thread)
      const at = this.#idle.indexOf(thread)
      if (at >= 0) this.#idle.splice(at, 1)
      this.#settle(thread, (work) => work.reject(new Error('the thread ended before its work')))
    })
    return thread
  }

  #settle(thread: Worker, how: (work: Waiting) => void): void {
    const work = this.#busy.get(thread)
    this.#busy.delete(thread)
    if (work !== undefined) how(work)
    this.#next()
  }

  #fail(error: Error): void {
    for (const { reject } of this.#queue.splice(0)) reject(error)
    for (const { reject } of this.#busy.values()) reject(error)
    this.#busy.clear()
    this.#idle.length = 0
    for (const thread of this.#threads) void thread.terminate()
    this.#threads.clear()
  }
}

export interface WorkersOptions {
  readonly signal?: AbortSignal
  /** Path of the bundled entry of a thread. */
  readonly entry?: string
  readonly threads?: number
}

function hand({ kernel, tensor, options }: Waiting, thread: Worker): void {
  const source = sourceOf(tensor)
  const request: Request = { kernel, source, dtype: tensor.ref.dtype, options }
  thread.postMessage(request, 'bytes' in source ? [source.bytes.buffer] : [])
}

function sourceOf({ blob, ref, read }: Tensor): Source {
  return blob.path === undefined ? { bytes: read().slice() } : { path: blob.path, offset: ref.offset, length: ref.length }
}

function finish({ tensor, resolve, reject }: Waiting, reply: Reply): void {
  try {
    // A thread reads the file by its path alone. Its blob knows whether that is still the file that was opened, and every read asks it:
    // what it says now holds for all that the thread read before, and tells better than the thread why it could not.
    if (tensor.blob.path !== undefined) tensor.read(0, 0)
    if ('failed' in reply) throw new Error(reply.failed)
    resolve(reply.result)
  } catch (error) {
    reject(error as Error)
  }
}
