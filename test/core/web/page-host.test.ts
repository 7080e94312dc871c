import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { pageHost } from '../../../core/web/page-host.ts'
import { Reach } from '../../../core/web/reach.ts'
import { sample } from '../../support/run-cli.ts'

const root = mkdtempSync(join(tmpdir(), 'lathe-page-'))
const given = join(root, 'given')
for (const folder of ['given/a/b/c', 'given/.hidden', 'given/node_modules', 'given/locked', 'elsewhere', 'uploads', 'store'])
  mkdirSync(join(root, folder), { recursive: true })
for (const name of ['given/one.onnx', 'given/a/two.ONNX', 'given/a/b/three.onnx', 'given/a/b/c/too-deep.onnx', 'given/note.txt'])
  writeFileSync(join(root, name), name)
for (const name of ['given/.hidden/x.onnx', 'given/node_modules/x.onnx', 'elsewhere/x.onnx']) writeFileSync(join(root, name), name)
chmodSync(join(given, 'locked'), 0)
afterAll(() => {
  chmodSync(join(given, 'locked'), 0o700)
  rmSync(root, { recursive: true, force: true })
})

const uploads = join(root, 'uploads')
const settings = { store: join(root, 'store'), version: '0', samples: sample(), uploads, exports: join(root, 'exports'), given: [given] }
const host = (places: readonly string[]) =>
  pageHost({ ...settings, given: places }, new Reach({ read: [...places, uploads, sample()], write: [] }))
const listed = async (places: readonly string[] = [given]) => (await host(places).recents()).map(({ path, openedAt }) => [path, openedAt])

it('lists the models of the folders given at start, those that lie least deep first', async () => {
  const paths = ['one.onnx', 'a/two.ONNX', 'a/b/three.onnx'].map((name) => [join(given, name), null])
  expect(await listed()).toEqual(paths)
  expect(await listed([join(given, 'one.onnx'), join(root, 'gone')])).toEqual([paths[0]])
})

it('lists what was opened before only where it may be opened again, and no upload', async () => {
  const openedAt = '2026-01-01T00:00:00.000Z'
  const note = (path: string) => host([given]).noteOpened({ path, name: 'x', bytes: 1, openedAt, place: null })
  writeFileSync(join(uploads, 'up.onnx'), '')
  for (const path of [join(root, 'elsewhere', 'x.onnx'), join(uploads, 'up.onnx'), join(given, 'a', 'two.ONNX')]) await note(path)
  expect(await listed()).toEqual([
    [join(given, 'one.onnx'), null],
    [join(given, 'a', 'two.ONNX'), openedAt],
    [join(given, 'a/b/three.onnx'), null],
  ])
  expect(await listed([])).toEqual([])
})

it('calls the models of a place by their way from there, before those that were opened some other time', async () => {
  const other = sample('digits-cnn', 'model.onnx')
  await host([]).noteOpened({ path: other, name: 'model.onnx', bytes: 1, openedAt: '2026-01-02T00:00:00.000Z', place: null })
  const file = join(given, 'a', 'two.ONNX')
  expect((await host([join(given, 'a', 'b'), file]).recents()).map(({ name, place }) => [name, place])).toEqual([
    ['three.onnx', join(given, 'a', 'b')],
    [join('c', 'too-deep.onnx'), join(given, 'a', 'b')],
    ['two.ONNX', file],
    ['model.onnx', null],
  ])
})
