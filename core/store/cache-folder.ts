import { homedir } from 'node:os'
import { join } from 'node:path'

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
