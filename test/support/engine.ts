import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import type { Problem } from '../../core/api/problem.ts'
import { ProblemError } from '../../core/api/problem.ts'
import { type Engine, engineWith } from '../../core/engine.ts'
import type { Pass } from '../../core/pass.ts'
import { catalogue } from '../../core/passes/catalogue.ts'
import type { RuntimePort } from '../../core/runtime/session.ts'
import { testSpawner } from './spawn-runtime.ts'

export interface TestEngine extends Engine {
  /** A folder that is gone after the tests of the file. */
  readonly folder: string
  /** Runtime processes that were started. */
  readonly processes: readonly RuntimePort[]
}

/** An engine on real runtime processes, with a store of its own; `more` passes besides those of the catalogue. */
export async function testEngine(more: readonly Pass[] = [], folder = mkdtempSync(join(tmpdir(), 'lathe-test-'))): Promise<TestEngine> {
  const spawn = await testSpawner()
  const processes: RuntimePort[] = []
  const spawnRuntime = async () => {
    const port = await spawn()
    processes.push(port)
    return port
  }
  const engine = engineWith({ store: join(folder, 'store'), spawnRuntime, version: 'test' }, [...catalogue, ...more])
  afterAll(async () => {
    await engine.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return { ...engine, folder, processes }
}

/** The problem with which something fails. */
export async function problemFrom(work: Promise<unknown>): Promise<Problem> {
  try {
    await work
  } catch (error) {
    if (error instanceof ProblemError) return error.problem
    throw error
  }
  throw new Error('it did not fail')
}

/** A pipeline of stages in a chain. */
export const chain = (...stages: readonly (readonly [id: string, pass: string, options?: Record<string, unknown>])[]) => ({
  lathe: 1 as const,
  name: 'test',
  target: 'ort' as const,
  stages: stages.map(([id, pass, options = {}]) => ({ id, pass, options })),
})
