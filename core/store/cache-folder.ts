import { homedir } from 'node:os'
import { join } from 'node:path'
import { ProblemError } from '../api/problem.ts'

/**
 * Where results are kept between runs: `LATHE_CACHE`, else what the platform sets aside for caches (`XDG_CACHE_HOME` or `~/.cache`,
 * `~/Library/Caches`, `%LOCALAPPDATA%`).
 */
export function cacheFolder(
  env: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): string {
  if (env.LATHE_CACHE) return env.LATHE_CACHE
  if (platform === 'win32') return join(env.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'Lathe', 'Cache')
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'lathe')
  return join(env.XDG_CACHE_HOME || join(home, '.cache'), 'lathe')
}

/** That a store cannot be made or written to. @param root its folder */
export const noCache = (root: string, error: Error): ProblemError =>
  new ProblemError({
    kind: 'file',
    code: 'no-cache',
    what: 'The folder in which Lathe keeps results cannot be used',
    where: { file: root },
    mend: 'Check the permissions, or name another folder by the environment variable LATHE_CACHE.',
    details: error.message,
  })
