import { closeSync, openSync, readSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import { floatsOf, kernels } from './kernels.ts'
import type { Reply, Request, Source } from './workers.ts'

/** Entry of a quantizing thread: reads a weight, runs a kernel over it, hands the result over. */
parentPort?.on('message', (request: Request) => {
  const { reply, buffers } = answer(request)
  parentPort?.postMessage(reply, buffers)
})

function answer({ kernel, source, dtype, options }: Request): { reply: Reply; buffers: ArrayBuffer[] } {
  try {
    const run = kernels[kernel] as (values: Float32Array, options: unknown) => object
    const result = run(floatsOf(dtype, bytesOf(source)), options)
    const arrays = Object.values(result).filter((part): part is ArrayBufferView => ArrayBuffer.isView(part))
    return { reply: { result }, buffers: [...new Set(arrays.map(({ buffer }) => buffer as ArrayBuffer))] }
  } catch (error) {
    return { reply: { failed: error instanceof Error ? (error.stack ?? error.message) : String(error) }, buffers: [] }
  }
}

/** Weights are read into one place after the other: fresh memory for each costs more than the reading. No kernel gives its input back. */
let room = new Uint8Array(0)

function bytesOf(source: Source): Uint8Array {
  if ('bytes' in source) return source.bytes
  if (room.length < source.length) room = new Uint8Array(source.length)
  const bytes = room.subarray(0, source.length)
  const file = openSync(source.path, 'r')
  try {
    for (let done = 0; done < bytes.length; ) {
      const count = readSync(file, bytes, done, Math.min(bytes.length - done, 2 ** 30), source.offset + done)
      if (count === 0) throw new Error(`${source.path} became shorter while it was read`)
      done += count
    }
    return bytes
  } finally {
    closeSync(file)
  }
}
