import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readManifest } from '../../../core/data/manifest.ts'
import { dataFolder, problemIn } from '../../support/data-folder.ts'

const { path, write } = await dataFolder()
const good = { lathe: 1, kind: 'npz', evaluation: { file: 'eval.npz', labels: 'labels' }, metric: { kind: 'accuracy' } }

const problemWith = async (document: string | object) => problemIn(readManifest(await write('dataset.json', document)))

describe('a dataset manifest', () => {
  it('is read with its defaults', async () => {
    const { dataset } = await readManifest(await write('dataset.json', { ...good, kind: 'text', tokenizer: 't.json', maxLength: 8 }))
    expect(dataset).toMatchObject({ kind: 'text', padding: 'max', evaluation: { file: 'eval.npz' } })
  })

  it.each([
    ['an unknown key', { ...good, metrics: {} }, 'metrics', /no key 'metrics'/],
    ['an unknown key deep inside', { ...good, evaluation: { file: 'a', lables: 'b' } }, 'evaluation.lables', /no key 'evaluation.lables'/],
    ['a wrong type', { ...good, metric: { kind: 5 } }, 'metric.kind', /does not fit at 'metric.kind'/],
    ['an unknown kind', { ...good, kind: 'hdf5' }, 'kind', /does not fit at 'kind'/],
    ['an older version', { ...good, lathe: 0 }, 'lathe', /does not fit at 'lathe'/],
    ['a size of three', { ...good, kind: 'images', size: [1, 2, 3] }, 'size', /does not fit at 'size/],
  ])('tells where it has %s', async (_, document, at, sentence) => {
    const problem = await problemWith(document)
    expect(problem.what).toMatch(sentence)
    expect(problem.where.path).toContain(at)
    expect(problem.where.file).toMatch(/dataset\.json$/)
  })

  it('tells that it is not JSON or not there', async () => {
    expect(await problemWith('{ "lathe": 1, ')).toMatchObject({ code: 'bad-json' })
    expect(await problemIn(readManifest(join(path, 'none.json')))).toMatchObject({ code: 'no-manifest' })
  })
})

describe('paths of a manifest', () => {
  it('stay in its folder, through links too', async () => {
    await write('inside/data/eval.npz', 'x')
    await write('outside/secret.npz', 'x')
    await mkdir(join(path, 'inside/sub'), { recursive: true })
    await symlink(join(path, 'outside'), join(path, 'inside/link'))
    await symlink(join(path, 'inside/data/eval.npz'), join(path, 'inside/alias.npz'))
    const { resolve } = await readManifest(await write('inside/dataset.json', good))
    expect(await resolve('data/eval.npz', 'evaluation.file')).toMatch(/inside\/data\/eval\.npz$/)
    expect(await resolve('alias.npz', 'evaluation.file')).toMatch(/inside\/data\/eval\.npz$/)
    for (const [name, code] of [
      ['../outside/secret.npz', 'path-outside'],
      ['link/secret.npz', 'path-outside'],
      ['sub/../../outside/secret.npz', 'path-outside'],
      ['../nowhere.npz', 'path-outside'],
      ['/etc/passwd', 'path-not-relative'],
      ['data/none.npz', 'missing-file'],
    ] as const) {
      expect(await problemIn(resolve(name, 'evaluation.file')), name).toMatchObject({ code, where: { path: 'evaluation.file' } })
    }
  })
})
