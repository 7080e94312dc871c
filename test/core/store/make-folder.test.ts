import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { makeFolder } from '../../../core/store/make-folder.ts'

const root = mkdtempSync(join(tmpdir(), 'lathe-folder-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

test('missing folders are made, existing ones left, by many at once', async () => {
  const path = join(root, 'a', 'b', 'c')
  await Promise.all([makeFolder(path), makeFolder(path), makeFolder(path)])
  expect(existsSync(path)).toBe(true)
})

test('a file in the way is an error', async () => {
  writeFileSync(join(root, 'file'), '')
  await expect(makeFolder(join(root, 'file'))).rejects.toThrow('is not a folder')
  await expect(makeFolder(join(root, 'file', 'below'))).rejects.toThrow('ENOTDIR')
})

test.skipIf(process.platform !== 'linux')('a folder that takes no entries is an error and no endless loop', async () => {
  await expect(makeFolder('/proc/nope/deeper')).rejects.toThrow('ENOENT')
})
