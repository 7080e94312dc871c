import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { ProblemError } from '../api/problem.ts'

/** Name and version of the runtime that would be loaded, without loading it: part of keys of results, and of reports of runs that run nothing. */
export function installedRuntime(): { readonly name: string; readonly version: string } {
  const require = createRequire(import.meta.url)
  let file: string
  try {
    file = require.resolve('onnxruntime-node/package.json')
  } catch (error) {
    throw new ProblemError({
      kind: 'runtime',
      code: 'runtime-not-installed',
      what: 'onnxruntime-node is not installed',
      where: {},
      mend: 'Run `npm ci` in the folder of Lathe.',
      details: (error as Error).message,
    })
  }
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string }
  return { name: 'onnxruntime', version }
}
