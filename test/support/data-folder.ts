import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll } from 'vitest'
import type { Problem } from '../../core/api/problem.ts'
import { type ProblemError, problemOf } from '../../core/api/problem.ts'
import { openStore } from '../../core/store/disk-store.ts'
import type { Store } from '../../core/store/store.ts'

export interface DataFolder {
  readonly path: string
  readonly store: Store
  /** Writes a file (objects as JSON) and gives back its path. */
  write(name: string, content: string | Uint8Array | object): Promise<string>
}

/** A folder with a store, gone when the tests of the file are done. */
export async function dataFolder(): Promise<DataFolder> {
  const path = await mkdtemp(join(tmpdir(), 'lathe-data-'))
  afterAll(() => rm(path, { recursive: true, force: true }))
  const store = await openStore(join(path, 'store'))
  return {
    path,
    store,
    async write(name, content) {
      const file = join(path, name)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content))
      return file
    },
  }
}

/** The problem that some work ends with. */
export async function problemIn(work: Promise<unknown>): Promise<Problem> {
  try {
    await work
  } catch (error) {
    return problemOf(error as ProblemError)
  }
  throw new Error('it was expected to fail')
}
