import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runtimeSpawner } from '../../../core/cli/spawn-runtime.ts'
import type { RuntimePort } from '../../../core/engine.ts'

let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lathe-spawn-'))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function spawn(source: string): Promise<RuntimePort> {
  const worker = join(folder, `${Math.random().toString(36).slice(2)}.mjs`)
  writeFileSync(worker, source)
  return runtimeSpawner(worker)()
}

const exitOf = (port: RuntimePort) => new Promise((resolve) => port.onExit(resolve))

describe('a process made by the command line', () => {
  it('passes typed arrays both ways', async () => {
    const port = await spawn(
      "process.on('message', (sent) => { process.send({ doubled: sent.values.map((x) => 2 * x) }); process.disconnect() })",
    )
    const answer = new Promise((resolve) => port.onMessage(resolve))
    port.post({ values: Float32Array.of(1.5, -2) })
    expect(await answer).toEqual({ doubled: Float32Array.of(3, -4) })
  })

  it('tells how it ended, with the end of its error stream', async () => {
    const port = await spawn("process.stderr.write('x'.repeat(20000) + 'the last words'); process.exitCode = 3")
    const exit = (await exitOf(port)) as { code: number; signal: null; stderr: string }
    expect(exit).toMatchObject({ code: 3, signal: null })
    expect(exit.stderr).toMatch(/the last words$/)
    expect(exit.stderr.length).toBeLessThanOrEqual(8192)
  })

  it('can be killed while it computes, and is quiet to those who still write to it', async () => {
    const port = await spawn("process.send('busy'); for (;;) {}")
    await new Promise((resolve) => port.onMessage(resolve))
    const exit = exitOf(port)
    port.kill()
    expect(await exit).toMatchObject({ code: null, signal: 'SIGKILL' })
    port.post({ late: true })
  })
})
