import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll } from 'vitest'
import { runtimeSpawner } from '../../core/cli/spawn-runtime.ts'
import { createRuntime, type RuntimeOptions } from '../../core/runtime/client.ts'
import type { Runtime, RuntimePort, SpawnRuntime } from '../../core/runtime/session.ts'

/** The bundled entry of the runtime process, built from the current sources. */
export async function workerPath(): Promise<string> {
  const build = pathToFileURL(join(import.meta.dirname, '../../bin/build.mjs')).href
  const { ensureBuilt } = (await import(build)) as { ensureBuilt(): Promise<string> }
  return join(await ensureBuilt(), 'runtime-worker.mjs')
}

/** Makes real runtime processes, as the command line does. */
export const testSpawner = async (): Promise<SpawnRuntime> => runtimeSpawner(await workerPath())

export interface TestRuntime extends Runtime {
  /** Every process that was started, oldest first. */
  readonly processes: readonly RuntimePort[]
}

/** A runtime for the tests of one file; its processes end with them. */
export async function testRuntime(options: RuntimeOptions = {}): Promise<TestRuntime> {
  const spawn = await testSpawner()
  const processes: RuntimePort[] = []
  const runtime = createRuntime(async () => {
    const port = await spawn()
    processes.push(port)
    return port
  }, options)
  afterAll(() => runtime.close())
  return { ...runtime, processes }
}
