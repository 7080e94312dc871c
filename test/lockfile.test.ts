import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Lock, missingEntries } from '../scripts/complete-lock.ts'

const text = readFileSync(join(import.meta.dirname, '..', 'package-lock.json'), 'utf8')
const lock = JSON.parse(text) as Lock

describe('package-lock.json', () => {
  it('names the packages of every platform, or npm ci refuses it; `npm run complete-lock` adds them', () => {
    expect([...missingEntries(lock).keys()]).toEqual([])
  })

  it('names no host', () => {
    expect(text).not.toMatch(/"resolved":/)
  })
})

describe('missing packages', () => {
  const parent = { version: '2.0.0', dev: true, optionalDependencies: { '@p/linux-x64': '2.0.0', '@p/win32-arm64': '2.0.0' } }
  const here = { version: '2.0.0', os: ['linux'], cpu: ['x64'] }

  it('come back with what their names say of where they run', () => {
    const found = missingEntries({ packages: { 'node_modules/p': parent, 'node_modules/@p/linux-x64': here } })
    expect(Object.fromEntries(found)).toEqual({
      'node_modules/@p/win32-arm64': { version: '2.0.0', cpu: ['arm64'], os: ['win32'], dev: true, optional: true },
    })
  })

  it('stand beside their siblings, not in the place of another version', () => {
    const nested = { 'node_modules/k/node_modules/p': parent, 'node_modules/k/node_modules/@p/linux-x64': here }
    expect([...missingEntries({ packages: nested }).keys()]).toEqual(['node_modules/k/node_modules/@p/win32-arm64'])
    const taken = { 'node_modules/p': parent, 'node_modules/@p/linux-x64': here, 'node_modules/@p/win32-arm64': { version: '1.0.0' } }
    expect([...missingEntries({ packages: taken }).keys()]).toEqual(['node_modules/p/node_modules/@p/win32-arm64'])
  })
})
