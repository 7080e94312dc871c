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

  it('needs images', async () => {
    await write('empty/readme.txt', 'x')
    expect(await problemIn(open({ evaluation: { file: 'empty' } }))).toMatchObject({ code: 'no-samples' })
  })
})
