import { join } from 'node:path'
import { expect, it } from 'vitest'
import { cacheFolder } from '../../../core/store/cache-folder.ts'

it('follows LATHE_CACHE, else the custom of the platform', () => {
  expect(cacheFolder({ LATHE_CACHE: '/fast/disk', XDG_CACHE_HOME: '/x' }, 'linux', '/home/ada')).toBe('/fast/disk')
  expect(cacheFolder({ XDG_CACHE_HOME: '/x' }, 'linux', '/home/ada')).toBe(join('/x', 'lathe'))
  expect(cacheFolder({}, 'linux', '/home/ada')).toBe(join('/home/ada', '.cache', 'lathe'))
  expect(cacheFolder({}, 'darwin', '/Users/ada')).toBe(join('/Users/ada', 'Library', 'Caches', 'lathe'))
  expect(cacheFolder({ LOCALAPPDATA: 'C:\\L' }, 'win32', 'C:\\Users\\ada')).toBe(join('C:\\L', 'Lathe', 'Cache'))
  expect(cacheFolder({}, 'win32', 'C:\\Users\\ada')).toBe(join('C:\\Users\\ada', 'AppData', 'Local', 'Lathe', 'Cache'))
})
