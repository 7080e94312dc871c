import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { openData } from '../../../core/data/open.ts'
import { feedsOf } from '../../../core/data/samples.ts'
import { dataFolder, problemIn } from '../../support/data-folder.ts'
import { modelOf } from '../../support/graph.ts'

const { write, store } = await dataFolder()
const { graph } = modelOf('(x: float32[batch, 3, 2, 2]) -> (y: float32[batch, 3, 2, 2])\ny = Relu(x)')

const plain = (r: number, g: number, b: number) =>
  sharp({ create: { width: 4, height: 4, channels: 3, background: { r, g, b } } })
    .png()
    .toBuffer()

async function open(changes: object = {}, options: object = {}) {
  const document = { lathe: 1, kind: 'images', evaluation: { file: 'pictures' }, metric: { kind: 'accuracy' }, size: [2, 2], ...changes }
  return openData({ manifest: await write('dataset.json', document), graph, store, halve: false, ...options })
}

const firstPixels = async (data: Awaited<ReturnType<typeof open>>, count: number) => {
  const feed = (await feedsOf(data.evaluation!.table, 0, count)).x!
  return [...new Float32Array(feed.data.slice().buffer)]
}

describe('a folder per class', async () => {
  await write('pictures/cat/1.png', await plain(255, 0, 0))
  await write('pictures/dog/1.png', await plain(0, 0, 51))
  await write('pictures/notes.txt', 'no image')

  it('gives pixels as the model wants them, and labels', async () => {
    const data = await open()
    expect(data.evaluation?.table.inputs).toMatchObject([{ name: 'x', dims: [3, 2, 2] }])
    expect((await firstPixels(data, 2)).map((value) => Number(value.toFixed(3)))).toEqual([
      1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.2, 0.2, 0.2, 0.2,
    ])
    expect([...(data.evaluation?.labels?.values ?? [])]).toEqual([0, 1])
    expect(data.preparationMs).toBeGreaterThan(0)
  })

  it('orders channels and normalizes', async () => {
    const data = await open({ channels: 'BGR', mean: [0.5, 0, 0], std: [0.5, 1, 2] })
    expect((await firstPixels(data, 1)).map((value) => Number(value.toFixed(3)))).toEqual([-1, -1, -1, -1, 0, 0, 0, 0, 0.5, 0.5, 0.5, 0.5])
  })

  it('tells when the model wants another layout', async () => {
    expect((await problemIn(open({ layout: 'NHWC' }))).what).toMatch(/samples of \[2, 2, 3\], the model expects \[3, 2, 2\]/)
  })

  it('names images that cannot be decoded, or skips them', async () => {
    await write('broken/cat/1.png', await plain(255, 0, 0))
    await write('broken/dog/2.png', 'no image')
    const changes = { evaluation: { file: 'broken' } }
    expect((await problemIn(open(changes))).what).toMatch(/Sample dog\/2\.png is broken/)
    const skipped = await open(changes, { skipBroken: true })
    expect(skipped.evaluation?.table.count).toBe(1)
    expect(skipped.notes.join()).toMatch(/1 broken sample was left out: dog\/2\.png/)
  })

  it('numbers folders by code points, and those called by numbers by their size', async () => {
    for (const name of ['10', '9', '1']) await write(`counted/${name}/1.png`, await plain(255, 0, 0))
    for (const name of ['b', 'C']) await write(`lettered/${name}/1.png`, await plain(255, 0, 0))
    const labels = async (file: string) => [...((await open({ evaluation: { file } })).evaluation?.labels?.values ?? [])]
    // Files come in the order of their paths: 1, 10, 9.
    expect(await labels('counted')).toEqual([0, 2, 1])
    expect(await labels('lettered')).toEqual([0, 1])
  })

  it('keeps the numbers of classes whose images are all left out', async () => {
    await write('gap/ant/1.png', await plain(255, 0, 0))
    await write('gap/bee/2.png', 'no image')
    await write('gap/cow/3.png', await plain(255, 0, 0))
    const { evaluation } = await open({ evaluation: { file: 'gap' } }, { skipBroken: true })
    expect([...(evaluation?.labels?.values ?? [])]).toEqual([0, 2])
  })

  it('numbers classes as the manifest lists them, whether a split has them all or not', async () => {
    await write('two/cow/1.png', await plain(255, 0, 0))
    await write('two/ant/1.png', await plain(255, 0, 0))
    const changes = { evaluation: { file: 'two' }, classes: ['ant', 'bee', 'cow'] }
    expect([...((await open(changes)).evaluation?.labels?.values ?? [])]).toEqual([0, 2])
    expect(await problemIn(open({ ...changes, classes: ['ant', 'bee'] }))).toMatchObject({
      ...{ code: 'unknown-class', where: { path: 'classes' }, what: expect.stringMatching(/'cow'/) },
    })
    expect(await problemIn(open({ ...changes, classes: ['ant', 'ant'] }))).toMatchObject({ code: 'bad-manifest' })
  })

  it('refuses splits that would number their classes differently, and takes calibration samples of some classes', async () => {
    for (const name of ['ant', 'bee', 'cow']) await write(`three/${name}/1.png`, await plain(255, 0, 0))
    await write('some/bee/1.png', await plain(255, 0, 0))
    await write('some/cow/1.png', await plain(255, 0, 0))
    const [few, all] = [{ file: 'some' }, { file: 'three' }]
    for (const [evaluation, other] of Object.entries({ evaluation: 'calibration', selection: 'evaluation' }))
      expect(await problemIn(open({ evaluation: few, [evaluation]: few, [other]: all }))).toMatchObject({
        ...{ code: 'classes-differ', what: expect.stringMatching(new RegExp(`The ${evaluation} samples have no 'ant'`)) },
      })
    const { evaluation, calibration } = await open({ calibration: few, evaluation: all })
    expect([calibration?.table.count, ...(evaluation?.labels?.values ?? [])]).toEqual([2, 0, 1, 2])
    const listed = await open({ evaluation: few, calibration: all, classes: ['ant', 'bee', 'cow'] })
    expect([...(listed.evaluation?.labels?.values ?? [])]).toEqual([1, 2])
  })

  it('takes one mean and one deviation for each channel, none of them zero', async () => {
    expect(await problemIn(open({ mean: [0.5] }))).toMatchObject({
      ...{ code: 'bad-manifest', where: { path: 'mean' }, what: '"mean" has 1 number, and the pictures have 3 channels' },
    })
    expect(await problemIn(open({ std: [1, 1, 0] }))).toMatchObject({ code: 'bad-manifest', where: { path: 'std[2]' } })
    expect(await problemIn(open({ size: [1e5, 1e5] }))).toMatchObject({ code: 'bad-manifest', where: { path: 'size[0]' } })
  })

  it('finds out that pictures do not fit before it decodes them', async () => {
    expect(await problemIn(open({ evaluation: { file: 'broken' }, size: [3, 2] }))).toMatchObject({ code: 'shape-mismatch' })
  })

  it('is a folder, and arrays are a file', async () => {
    await write('single.png', await plain(255, 0, 0))
    expect(await problemIn(open({ evaluation: { file: 'single.png' } }))).toMatchObject({
      ...{ code: 'not-a-folder', where: { path: 'evaluation.file' } },
      what: "'single.png' is a file, and a dataset of kind 'images' takes a folder",
    })
    const document = { lathe: 1, kind: 'npz', evaluation: { file: 'pictures' }, metric: { kind: 'sqnr' } }
    expect(await problemIn(openData({ manifest: await write('arrays.json', document), graph, store }))).toMatchObject({
      code: 'not-a-file',
    })
  })

  it('needs images', async () => {
    await write('empty/readme.txt', 'x')
    expect(await problemIn(open({ evaluation: { file: 'empty' } }))).toMatchObject({ code: 'no-samples' })
  })
})
