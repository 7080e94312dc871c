import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Recent } from '../../../core/api/contract.ts'
import { fileHost } from '../../../core/web/file-host.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lathe-file-host-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const recent = (path: string): Recent => ({ path, name: 'model', openedAt: '2026-01-01T00:00:00.000Z', bytes: 1, place: null })
const paths = async (host: ReturnType<typeof fileHost>) => (await host.recents()).map(({ path }) => path)

it('notes all of the models that are opened at once, the last first, and leaves nothing behind', async () => {
  const host = fileHost({ samples: 'samples', store: folder })
  const files = ['a', 'b', 'c', 'd', 'e'].map((name) => join(folder, `${name}.onnx`))
  for (const file of files) writeFileSync(file, '')
  await Promise.all(files.map((file) => host.noteOpened(recent(file))))
  expect(await paths(host)).toEqual([...files].reverse())
  expect(readdirSync(folder).filter((name) => name.startsWith('recents'))).toEqual(['recents.json'])
})

it('keeps no model from being opened because the list cannot be written', async () => {
  const file = join(folder, 'file')
  writeFileSync(file, '')
  const host = fileHost({ samples: 'samples', store: join(file, 'store') })
  await expect(host.noteOpened(recent('/model.onnx'))).resolves.toBeUndefined()
})

it('knows no recent files where the list is broken', async () => {
  for (const text of ['{"a": 1}', '[{"path"']) {
    writeFileSync(join(folder, 'recents.json'), text)
    expect(await paths(fileHost({ samples: 'samples', store: folder }))).toEqual([])
  }
})

it('knows what is whole of a list that is broken in part, or comes from an earlier version', async () => {
  const file = join(folder, 'model.onnx')
  writeFileSync(file, '')
  const { place, ...earlier } = recent(file)
  const broken = [null, 7, {}, { ...recent(file), bytes: 'many' }, { ...recent(file), path: 5 }]
  writeFileSync(join(folder, 'recents.json'), JSON.stringify([...broken, earlier]))
  const host = fileHost({ samples: 'samples', store: folder })
  expect(await host.recents()).toEqual([{ ...earlier, place }])
  await host.noteOpened(recent(join(folder, 'other.onnx')))
  expect(await host.recents()).toEqual([{ ...earlier, place }])
})
