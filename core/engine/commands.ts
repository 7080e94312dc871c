import { join } from 'node:path'
import type { RunRequest } from '../api/requests.ts'
import type { RunPlace } from './run-place.ts'

/** Command lines that repeat a run. */
export function commandsOf(request: RunRequest, { source, measure }: RunPlace): string[] {
  const { out, data, threads, provider, rounds, seed } = request
  const pipeline = typeof request.pipeline === 'string' ? request.pipeline : out ? join(out, 'pipeline.json') : 'pipeline.json'
  const options: [string, string | number | null | undefined][] = [
    ['--pipeline', pipeline],
    ['--data', data],
    ['--target', request.target],
    ...(request.set ?? []).map((setting): [string, string] => ['--set', setting]),
    ['--threads', threads],
    ['--provider', provider],
    ['--runs', rounds],
    ['--seed', seed],
    ['--out', out ?? 'out'],
  ]
  const flags = [
    measure ? null : '--no-measure',
    request.verify === false && measure ? '--no-verify' : null,
    request.skipBroken ? '--skip-broken' : null,
    request.externalData ? '--external-data' : null,
  ]
  const words = ['lathe', 'run', source.path]
  for (const [name, value] of options) if (value !== null && value !== undefined) words.push(name, String(value))
  return [[...words, ...flags.filter((flag) => flag !== null)].map(quoted).join(' ')]
}

/** As a POSIX shell reads it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
