import { homedir } from 'node:os'
import { join } from 'node:path'

/**
 * Where versions and remembered results are kept: `LATHE_STORE`, else the cache folder of the platform.
 * Everything in it can be computed again, so it may be deleted at any time.
 */
export function storeFolder(environment: NodeJS.ProcessEnv = process.env, platform: NodeJS.Platform = process.platform): string {
  if (environment.LATHE_STORE) return environment.LATHE_STORE
  if (platform === 'win32') return join(environment.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'lathe', 'store')
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'lathe')
  return join(environment.XDG_CACHE_HOME || join(homedir(), '.cache'), 'lathe')
}
