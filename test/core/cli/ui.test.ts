import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { problemSchema } from '../../../core/api/problem.ts'
import { commandLine, documentOf, sample } from '../../support/run-cli.ts'

const { lathe, start } = commandLine()
const nowhere = commandLine()

async function firstLine(host: ReturnType<typeof start>): Promise<string> {
  const ended = host.ended.then(({ stderr }) => Promise.reject(new Error(`The host ended: ${stderr}`)))
  const [text] = (await Promise.race([once(host.process.stdout!, 'data'), ended])) as [string]
  return text
}

/** Every process below one, by the process table of Linux. */
function below(pid: number): number[] {
  const file = `/proc/${pid}/task/${pid}/children`
  const children = existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ').filter(Boolean).map(Number) : []
  return [...children, ...children.flatMap(below)]
}
const lives = (pid: number) => existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))

describe('lathe ui --web', () => {
  it('prints its address as the one JSON document, at once, and ends on Ctrl-C with all its processes', async () => {
    const host = start('ui', '--web', '--no-open', '--json', sample('digits-cnn', 'model.onnx'))
    const { url } = JSON.parse(await firstLine(host)) as { url: string }
    const { origin, searchParams } = new URL(url)
    expect(searchParams.get('token')).toMatch(/^[\w-]{32}$/)
    const headers = { cookie: `lathe-${new URL(url).port}=${searchParams.get('token')}` }
    const facts = await (await fetch(`${origin}/host.json`, { headers })).json()
    expect(facts).toMatchObject({ kind: 'web', model: sample('digits-cnn', 'model.onnx') })
    const children = below(host.process.pid!)
    if (existsSync('/proc/self')) expect(children.length).toBeGreaterThan(0)
    host.process.kill('SIGINT')
    const ended = await host.ended
    expect(ended.status).toBe(0)
    expect(documentOf(ended)).toEqual({ url })
    await vi.waitFor(() => expect(children.filter(lives)).toEqual([]))
    await expect(fetch(origin)).rejects.toThrow()
  })

  it('takes the port that it is given; the second that wants it is told so', async () => {
    const port = await freePort()
    const host = start('ui', '--web', '--no-open', '--port', String(port))
    expect(await firstLine(host)).toMatch(new RegExp(`^Lathe is at http://127\\.0\\.0\\.1:${port}/\\?token=[\\w-]{32}\\n$`))
    const second = await lathe('ui', '--web', '--no-open', '--json', '--port', String(port))
    expect(second.status).toBe(1)
    const { problem } = documentOf(second) as { problem: unknown }
    expect(problemSchema.parse(problem)).toMatchObject({ code: 'port-in-use', what: `Another program listens on port ${port}` })
    host.process.kill('SIGTERM')
    expect((await host.ended).status).toBe(0)
  })

  it('needs no port: where the usual one is taken it takes another', async () => {
    const hosts = [start('ui', '--web', '--no-open'), start('ui', '--web', '--no-open')]
    const addresses = await Promise.all(hosts.map(firstLine))
    const ports = addresses.map((address) => /127\.0\.0\.1:(\d+)/.exec(address)?.[1])
    expect(new Set(ports).size).toBe(2)
    for (const { process } of hosts) process.kill('SIGINT')
    for (const { ended } of hosts) expect((await ended).status).toBe(0)
  })

  it.each([
    [['--port', '70000'], 1, 'does not give out port 70000'],
    [['--port', 'eighty'], 2, '--port is "eighty"'],
    [['absent.onnx'], 1, "There is no file or folder 'absent.onnx'"],
  ])('%j ends with a sentence and a mend', async (typed, status, sentence) => {
    const ended = await lathe('ui', '--web', '--no-open', ...typed)
    expect(ended.status).toBe(status)
    expect(ended.stderr).toContain(sentence)
  })

  it('ends, and does not wait for ever, where there is no place for uploads', async () => {
    writeFileSync(join(nowhere.folder, 'cache'), 'a file')
    const ended = await nowhere.lathe('ui', '--web', '--no-open')
    expect(ended.status).toBe(1)
    expect(ended.stderr).toContain('The folder in which Lathe keeps results cannot be used')
  })
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
