import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { float32Tensor } from '../../../core/ir/numbers.ts'
import { lazyBlob, tensorAt } from '../../../core/ir/tensor.ts'
import { fileBlob } from '../../../core/onnx/file-blob.ts'
import { Workers } from '../../../core/quantize/workers.ts'
import { normals, seeded } from '../../support/seeds.ts'

const build = pathToFileURL(join(import.meta.dirname, '../../../bin/build.mjs')).href
const { ensureBuilt } = (await import(build)) as { ensureBuilt(): Promise<string> }
const entry = join(await ensureBuilt(), 'quantize-worker.mjs')
const folder = await mkdtemp(join(tmpdir(), 'lathe-test-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

const normal = normals(seeded('threads'))
const values = Float32Array.from({ length: 512 * 1024 }, () => normal())
const options = { matrix: { layout: 'columns', channels: 512, depth: 1024 }, grid: { grid: 'pair-safe', perChannel: true } } as const

describe('threads', () => {
  it('find what the main thread finds, from memory and from a file', async () => {
    const path = join(folder, 'weights.bin')
    await writeFile(path, Buffer.concat([Buffer.alloc(12), Buffer.from(values.buffer)]))
    const stored = tensorAt(fileBlob(path), { offset: 12, length: values.byteLength, dtype: 'float32', dims: [1024, 512] })
    const inMemory = float32Tensor([1024, 512], values)
    const here = await new Workers({ threads: 0 }).run('eight-bit', inMemory, options)
    const threads = new Workers({ entry })
    try {
      const found = await Promise.all([inMemory, stored, stored].map((tensor) => threads.run('eight-bit', tensor, options)))
      for (const each of found) {
        expect(Buffer.compare(Buffer.from(each.values.buffer), Buffer.from(here.values.buffer))).toBe(0)
        expect({ ...each, values: null }).toEqual({ ...here, values: null })
      }
    } finally {
      threads.close()
    }
  })

  it('tell what went wrong, and go on with the rest', async () => {
    const path = join(folder, 'short.bin')
    await writeFile(path, Buffer.alloc(2 ** 20))
    const tensor = tensorAt(fileBlob(path), { offset: 0, length: 2 ** 20, dtype: 'float32', dims: [2 ** 18] })
    await writeFile(path, Buffer.alloc(100))
    const threads = new Workers({ entry, threads: 1 })
    try {
      await expect(threads.run('half', tensor, null)).rejects.toMatchObject({ problem: { code: 'file-changed', where: { file: path } } })
      expect((await threads.run('half', float32Tensor([512 * 1024], values), null)).values.length).toBe(512 * 1024)
    } finally {
      threads.close()
    }
  })

  it('take nothing from a file that was written anew, though it has its size', async () => {
    const path = join(folder, 'anew.bin')
    await writeFile(path, Buffer.alloc(2 ** 20))
    const tensor = tensorAt(fileBlob(path), { offset: 0, length: 2 ** 20, dtype: 'float32', dims: [2 ** 18] })
    await writeFile(path, Buffer.alloc(2 ** 20, 1))
    await utimes(path, new Date(), new Date(Date.now() + 1000))
    const threads = new Workers({ entry, threads: 1 })
    try {
      await expect(threads.run('half', tensor, null)).rejects.toMatchObject({ problem: { code: 'file-changed', where: { file: path } } })
    } finally {
      threads.close()
    }
  })

  it('fail the work alone whose weight cannot be read', async () => {
    const broken = lazyBlob(2 ** 20, () => {
      throw new Error('the disk is gone')
    })
    const unreadable = tensorAt(broken, { offset: 0, length: 2 ** 20, dtype: 'float32', dims: [2 ** 18] })
    const whole = float32Tensor([512 * 1024], values)
    const threads = new Workers({ entry, threads: 1 })
    try {
      // The second and the third are read where the first has set the thread free.
      const found = await Promise.allSettled([whole, unreadable, unreadable, whole].map((tensor) => threads.run('half', tensor, null)))
      expect(found.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled'])
      expect(found[1]).toMatchObject({ reason: { message: 'the disk is gone' } })
    } finally {
      threads.close()
    }
  })

  it('stop when the work is cancelled', async () => {
    const control = new AbortController()
    const threads = new Workers({ entry, threads: 1, signal: control.signal })
    const work = [1, 2, 3].map(() => threads.run('half', float32Tensor([512 * 1024], values), null))
    control.abort()
    for (const each of await Promise.allSettled(work)) expect(each.status).toBe('rejected')
    await expect(threads.run('half', float32Tensor([4], new Float32Array(4)), null)).rejects.toThrow()
  })
})
