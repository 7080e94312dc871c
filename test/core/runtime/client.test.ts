import { fork } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { build } from 'esbuild'
import { afterAll, describe, expect, it } from 'vitest'
import { ProblemError } from '../../../core/api/problem.ts'
import type { TensorData } from '../../../core/observe/reducer.ts'
import { createRuntime } from '../../../core/runtime/client.ts'
import { isAlive } from '../../../core/store/lock.ts'
import { modelFile, sessionOf, testFolder } from '../../support/model-file.ts'
import { testRuntime, workerPath } from '../../support/spawn-runtime.ts'
import { floatsIn, tensorData } from '../../support/tensor-data.ts'

const folder = testFolder()
/** Runs for minutes. */
const endless = await modelFile(
  folder,
  `opset 17
  (x: float32[1]) -> (y: float32[1])
  y = Loop(int64 9000000000000000, bool 1, x) {body: {
    (i: int64[], c: bool[], a: float32[1]) -> (d: bool[], b: float32[1])
    d = Identity(c)
    b = Cos(a)
  }}`,
)
/** Takes some tenths of a second. */
const slow = await modelFile(
  folder,
  `opset 17
  (x: float32[1]) -> (y: float32[1])
  y = Loop(int64 60000, bool 1, x) {body: {
    (i: int64[], c: bool[], a: float32[1]) -> (d: bool[], b: float32[1])
    d = Identity(c)
    b = Cos(a)
  }}`,
)
const quick = await modelFile(folder, 'opset 17\n(x: float32[1]) -> (y: float32[1])\ny = Neg(x)')
const feeds = { x: tensorData('float32', [1], [2]) }
const run = (model: string) => ({ session: sessionOf(model), feeds, wanted: [] })
const problemIn = async (promise: Promise<unknown>) => {
  const error = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(ProblemError)
  return (error as ProblemError).problem
}

/** What must hold after every misfortune: the next call is answered, by another process, and the old one is gone. */
async function livesOn(runtime: Awaited<ReturnType<typeof testRuntime>>): Promise<void> {
  const before = runtime.processes.at(-1)
  const { y } = await runtime.execute(run(quick))
  expect(floatsIn(y as TensorData)[0]).toBe(-2)
  expect(runtime.processes.at(-1)).not.toBe(before)
  await gone(before?.pid)
}

async function gone(pid: number | undefined): Promise<void> {
  const deadline = Date.now() + 20_000
  while (isAlive(pid as number) && Date.now() < deadline) await wait(20)
  expect(isAlive(pid as number)).toBe(false)
}

describe('the runtime', () => {
  it('starts no process before the first call', async () => {
    const runtime = await testRuntime()
    expect(runtime.processes).toHaveLength(0)
    await Promise.all([runtime.execute(run(quick)), runtime.execute(run(quick)), runtime.info()])
    expect(runtime.processes).toHaveLength(1)
  })

  it.each(['SIGKILL', 'SIGSEGV', 'SIGABRT'] as const)('outlives a process that ends with %s in the middle of a run', async (signal) => {
    const runtime = await testRuntime()
    await runtime.execute(run(quick))
    const failing = problemIn(runtime.execute(run(endless)))
    await wait(100)
    process.kill(runtime.processes[0]?.pid as number, signal)
    const problem = await failing
    expect(problem).toMatchObject({ kind: 'runtime', where: { file: endless } })
    expect(problem.code).toBe(signal === 'SIGKILL' ? 'runtime-killed' : 'runtime-crashed')
    expect(problem.what).toContain(signal === 'SIGKILL' ? 'was killed (SIGKILL) while it ran the model' : signal)
    await livesOn(runtime)
  })

  describe('a process that is killed while it measures', () => {
    const request = { sessions: [sessionOf(slow)], feeds: [feeds], rounds: 20, warmup: 0, seed: 1 }
    /** Kills the process that was started last, as soon as there are so many. */
    const killed = async (runtime: Awaited<ReturnType<typeof testRuntime>>, count: number) => {
      while (runtime.processes.length < count) await wait(10)
      await wait(300)
      process.kill(runtime.processes[count - 1]?.pid as number, 'SIGKILL')
    }

    it('is replaced once', async () => {
      const runtime = await testRuntime()
      const [{ runs }] = await Promise.all([runtime.time(request), killed(runtime, 1)])
      expect(runs[0]).toHaveLength(20)
      expect(runtime.processes).toHaveLength(2)
    })

    it('twice, says so', async () => {
      const runtime = await testRuntime()
      const killing = killed(runtime, 1).then(() => killed(runtime, 2))
      expect(await problemIn(runtime.time(request))).toMatchObject({
        code: 'runtime-killed',
        what: 'The runtime process was killed (SIGKILL) while it timed the model',
      })
      await killing
      await livesOn(runtime)
    })
  })

  it('replaces a process that died while it was idle', async () => {
    const runtime = await testRuntime()
    await runtime.execute(run(quick))
    process.kill(runtime.processes[0]?.pid as number, 'SIGKILL')
    await gone(runtime.processes[0]?.pid)
    await wait(50)
    await livesOn(runtime)
  })

  it('gives up after the timeout, and goes on with the next call', async () => {
    const runtime = await testRuntime()
    await runtime.execute(run(quick))
    const started = performance.now()
    const [late, next] = [problemIn(runtime.execute(run(endless), { timeout: 300 })), runtime.execute(run(quick), { timeout: 60_000 })]
    expect(await late).toMatchObject({ kind: 'runtime', code: 'runtime-timeout' })
    expect(performance.now() - started).toBeLessThan(10_000)
    await next
    await livesOnAfter(runtime)
  })

  it('gives a long program all the time it needs while its runs come to their end', async () => {
    const runtime = await testRuntime({ timeout: 2000 })
    const request = { sessions: [sessionOf(slow)], feeds: [feeds], rounds: 40, warmup: 0, seed: 1 }
    const started = performance.now()
    const { runs } = await runtime.time(request)
    expect(runs[0]).toHaveLength(40)
    expect(performance.now() - started).toBeGreaterThan(2000)
    expect(await problemIn(runtime.execute(run(endless)))).toMatchObject({
      code: 'runtime-timeout',
      what: "One run of the model did not end within 2 s ('execute')",
      mend: expect.stringContaining('LATHE_TIME_LIMIT'),
    })
  })

  async function livesOnAfter(runtime: Awaited<ReturnType<typeof testRuntime>>): Promise<void> {
    expect(runtime.processes).toHaveLength(2)
    await gone(runtime.processes[0]?.pid)
  }

  it('is cancelled in the middle of a run, and while it waits for its turn', async () => {
    const runtime = await testRuntime()
    await runtime.execute(run(quick))
    const [running, waiting] = [new AbortController(), new AbortController()]
    const first = problemIn(runtime.execute(run(endless), { signal: running.signal }))
    const second = problemIn(runtime.execute(run(quick), { signal: waiting.signal }))
    await wait(100)
    waiting.abort()
    expect(await second).toMatchObject({ kind: 'cancelled' })
    expect(isAlive(runtime.processes[0]?.pid as number)).toBe(true)
    running.abort()
    expect(await first).toMatchObject({ kind: 'cancelled', code: 'cancelled' })
    await livesOn(runtime)
    expect(await problemIn(runtime.execute(run(quick), { signal: AbortSignal.abort() }))).toMatchObject({ kind: 'cancelled' })
  })

  it('ends a process that takes more memory than it may', async () => {
    const hog = await modelFile(
      folder,
      'opset 17\n(n: int64[1]) -> (y: float32[])\nbig = Expand(float32 1.0, n)\ny = ReduceSum(big) {keepdims: 0}',
    )
    const runtime = await testRuntime({ memoryLimit: 600 * 2 ** 20 })
    const request = { session: sessionOf(hog), feeds: { n: tensorData('int64', [1], [1e9]) }, wanted: [] }
    const problem = await problemIn(runtime.execute(request))
    expect(problem).toMatchObject({ kind: 'runtime', code: 'runtime-memory', where: { file: hog } })
    expect(problem.what).toMatch(/took [\d.]+ GiB in 'execute'; it may take 0\.59 GiB/)
    await livesOn(runtime)
  })

  it('says so when no process can be started, or none is to be', async () => {
    const broken = createRuntime(() => Promise.reject(new Error('no such file')))
    expect(await problemIn(broken.execute(run(quick)))).toMatchObject({ code: 'runtime-start-failed' })
    const runtime = await testRuntime()
    await runtime.execute(run(quick))
    await runtime.close()
    await gone(runtime.processes[0]?.pid)
    expect((await problemIn(runtime.execute(run(quick)))).what).toContain('it was closed')
  })

  it('leaves no profile behind when it is cancelled', async () => {
    const runtime = await testRuntime()
    const ours = () =>
      readdirSync(join(tmpdir(), `lathe-profiles-${process.getuid?.() ?? 'own'}`)).filter((name) => name.includes(`_${process.pid}_`))
    const cancel = new AbortController()
    const profile = problemIn(runtime.profile({ session: sessionOf(endless), feeds, runs: 1, warmup: 0 }, { signal: cancel.signal }))
    await wait(500)
    expect(ours()).toHaveLength(1)
    cancel.abort()
    await profile
    expect(ours()).toHaveLength(0)
  })
})

describe('the process', () => {
  let orphan: number | undefined
  afterAll(() => {
    if (orphan !== undefined && isAlive(orphan)) process.kill(orphan, 'SIGKILL')
  })

  it('does not outlive its parent, not even in the middle of a run', async () => {
    const source = (path: string) => JSON.stringify(join(import.meta.dirname, '../../..', path))
    const contents = `
      import { createRuntime } from ${source('core/runtime/client.ts')}
      import { runtimeSpawner } from ${source('core/cli/spawn-runtime.ts')}
      const spawn = runtimeSpawner(${JSON.stringify(await workerPath())})
      const runtime = createRuntime(async () => { const port = await spawn(); process.send(port.pid); return port })
      await runtime.execute(JSON.parse(process.argv[2], (key, value) => key === 'data' ? Uint8Array.from(value) : value))`
    const outfile = join(folder, 'parent.mjs')
    await build({ stdin: { contents, resolveDir: folder }, outfile, bundle: true, platform: 'node', format: 'esm' })
    const request = JSON.stringify(run(endless), (key, value) => (key === 'data' ? [...value] : value))
    const parent = fork(outfile, [request], { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    orphan = await new Promise<number>((resolve) => parent.once('message', (pid) => resolve(pid as number)))
    await wait(600)
    expect(isAlive(orphan)).toBe(true)
    parent.kill('SIGKILL')
    await gone(orphan)
  })
})
