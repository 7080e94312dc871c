import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { request as ask, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { problemOf } from '../../../core/api/problem.ts'
import { receiveUpload } from '../../../core/web/upload.ts'

const folder = mkdtempSync(join(tmpdir(), 'lathe-upload-'))
const limit = 1000
let failures = 0
const server = createServer(async (request, response) => {
  const query = new URL(request.url!, 'http://host').searchParams
  try {
    response.end(JSON.stringify(await receiveUpload(request, { folder, name: query.get('name')!, upload: query.get('upload'), limit })))
  } catch (error) {
    failures += 1
    request.resume()
    response.end(JSON.stringify({ problem: problemOf(error) }))
  }
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
afterAll(() => {
  server.closeAllConnections()
  server.close()
  rmSync(folder, { recursive: true, force: true })
})

const address = (name: string, upload = '') =>
  `http://127.0.0.1:${(server.address() as AddressInfo).port}/?${new URLSearchParams({ name, ...(upload ? { upload } : {}) })}`
const send = async (name: string, body: string | ReadableStream, upload?: string) =>
  (await (await fetch(address(name, upload), { method: 'POST', body, duplex: 'half' } as RequestInit)).json()) as {
    upload: string
    path: string
    problem?: { code: string }
  }
const everything = () => readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()

describe('an upload', () => {
  it('lies in a folder of its own, beside the files that belong to it', async () => {
    const { upload, path } = await send('model.onnx', 'weights')
    expect(readFileSync(path, 'utf8')).toBe('weights')
    const beside = await send('model.onnx.data', 'more', upload)
    expect(beside.path).toBe(join(folder, upload, 'model.onnx.data'))
    const other = await send('model.onnx', 'another')
    expect(other.upload).not.toBe(upload)
    expect(readFileSync(path, 'utf8')).toBe('weights')
  })

  it.each([
    '..',
    '.',
    '',
    '../up.onnx',
    '/etc/cron.d/x',
    'a/b.onnx',
    '..\\up.onnx',
    'C:\\x.onnx',
    'C:x',
    'a\0.onnx',
    'line\nbreak',
    'ü'.repeat(200),
  ])('is refused under the name %j, and leaves nothing', async (name) => {
    const before = everything()
    expect((await send(name, 'x')).problem?.code).toBe('bad-file-name')
    expect(everything()).toEqual(before)
  })

  it('takes an upload to name for nothing but a folder of its own making', async () => {
    const { upload } = await send('model.onnx', 'x', '../../..')
    expect(upload).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('is refused when there is no room, whether it says its size or not, and leaves nothing', async () => {
    const before = everything()
    expect((await send('large.onnx', 'x'.repeat(limit + 1))).problem?.code).toBe('no-room')
    const unsized = new ReadableStream({
      start(controller) {
        for (let part = 0; part < 5; part++) controller.enqueue(new Uint8Array(400))
        controller.close()
      },
    })
    expect((await send('large.onnx', unsized)).problem?.code).toBe('no-room')
    expect(everything()).toEqual(before)
    expect((await send('fits.onnx', 'x'.repeat(limit))).path).toBeDefined()
  })

  it('that breaks off leaves nothing, and does not touch what stood under its name', async () => {
    const { upload, path } = await send('model.onnx', 'whole')
    const before = everything()
    const failed = failures
    const broken = [address('half.onnx'), address('model.onnx', upload)].map((url) => {
      const half = ask(url, { method: 'POST', headers: { 'content-length': '900' } })
      half.on('error', () => undefined)
      half.write('half of it')
      return half
    })
    // The parts are on disk under names that nothing opens.
    await vi.waitFor(() => expect(everything().filter((name) => name.endsWith('.part'))).toHaveLength(2))
    for (const half of broken) half.destroy()
    await vi.waitFor(() => expect(failures).toBe(failed + 2))
    expect(everything()).toEqual(before)
    expect(existsSync(path) && readFileSync(path, 'utf8')).toBe('whole')
  })
})
