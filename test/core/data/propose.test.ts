import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parquetWriteBuffer } from 'hyparquet-writer'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { Dataset } from '../../../core/api/dataset.ts'
import { manifestOf } from '../../../core/data/manifest.ts'
import { inputsOf, openData } from '../../../core/data/open.ts'
import { previewData } from '../../../core/data/preview.ts'
import { proposeManifest } from '../../../core/data/propose.ts'
import type { Model } from '../../../core/ir/model.ts'
import { arrayBytes } from '../../../core/ir/numbers.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { dataFolder, problemIn } from '../../support/data-folder.ts'
import { modelOf } from '../../support/graph.ts'
import { npzBytes } from '../../support/npz.ts'

const place = await dataFolder()
const { store } = place

async function propose({ graph }: Model, name: string) {
  const folder = resolve(place.path, name)
  const outputs = graph.outputs.flatMap(({ name, type }) =>
    type?.kind === 'tensor' ? [{ name, dtype: type.dtype, shape: type.shape }] : [],
  )
  const draft = await proposeManifest(folder, { inputs: inputsOf(graph), outputs })
  const manifest = manifestOf(draft.manifest, join(folder, 'dataset.json'))
  return { draft, preview: await previewData(manifest, { graph, store }) }
}

/** What is proposed must open as it stands. */
async function open({ graph }: Model, name: string, manifest: Dataset) {
  return openData({ manifest: await place.write(`${name}/dataset.json`, manifest), graph, store, halve: false })
}

const classifier = (inputs: string) => modelOf(`(${inputs}) -> (logits: float32[batch, 3])\nlogits = MadeUp(x)`)

describe('a folder with arrays', () => {
  const floats = (samples: number, width: number) => ({
    ...{ descr: '<f4', shape: [samples, width] },
    data: arrayBytes(Float32Array.from({ length: samples * width }, (_, i) => i / 2)),
  })
  const ints = (values: bigint[]) => ({ descr: '<i8', shape: [values.length], data: arrayBytes(BigInt64Array.from(values)) })

  it('becomes a manifest by the names of inputs and files', async () => {
    const model = classifier('x: float32[batch, 4], other: float32[batch, 2]')
    await place.write('arrays/calibration.npz', npzBytes({ x: floats(5, 4) }))
    await place.write('arrays/test.npz', npzBytes({ x: floats(6, 4), species: ints([0n, 1n, 2n, 0n, 1n, 2n]) }))
    await place.write('arrays/else.npz', npzBytes({ z: floats(5, 4) }))
    const { draft, preview } = await propose(model, 'arrays')
    expect(draft.manifest).toEqual({
      ...{ lathe: 1, kind: 'npz', calibration: { file: 'calibration.npz' } },
      evaluation: { file: 'test.npz', labels: 'species' },
      metric: { kind: 'accuracy', output: 'logits' },
    })
    expect(draft.because.map(({ why }) => why).join('; ')).toMatch(/no array for other/)
    expect(preview).toMatchObject({ evaluation: 6, calibration: 5 })
    expect(preview.samples).toHaveLength(3)
    const [sample] = preview.samples
    expect(sample).toMatchObject({ label: '0' })
    expect(sample!.inputs).toContainEqual({
      name: 'x',
      type: 'float32[1, 4]',
      text: '0, 0.5, 1, 1.5',
      image: null,
      least: 0,
      greatest: 1.5,
    })
    expect((await open(model, 'arrays', draft.manifest)).evaluation?.table.count).toBe(6)
  })

  it('of one file serves for both, and says so', async () => {
    await place.write('single/data.npz', npzBytes({ x: floats(5, 4) }))
    const { draft } = await propose(classifier('x: float32[batch, 4]'), 'single')
    expect(draft.manifest).toMatchObject({
      calibration: { file: 'data.npz' },
      evaluation: { file: 'data.npz' },
      metric: { kind: 'agreement', output: 'logits' },
    })
    expect(draft.because.find(({ at }) => at === 'calibration')?.why).toMatch(/flatters/)
  })
})

it('arrays that are pictures are shown as such', async () => {
  const data = arrayBytes(Float32Array.from({ length: 2 * 8 * 9 }, (_, i) => i % 72))
  await place.write('planes/eval.npz', npzBytes({ x: { descr: '<f4', shape: [2, 1, 8, 9], data } }))
  const { preview } = await propose(classifier('x: float32[batch, 1, 8, 9]'), 'planes')
  const { image } = preview.samples[0]!.inputs[0]!
  const { data: pixels, info } = await sharp(Buffer.from(image!.split(',')[1]!, 'base64'))
    .raw()
    .toBuffer({ resolveWithObject: true })
  expect([info.width, info.height, pixels[0], pixels.at(-1)]).toEqual([9, 8, 0, 255])
})

describe('a folder with images', () => {
  const model = classifier('x: float32[batch, 3, 8, 12]')
  const colour = (background: string) =>
    sharp({ create: { width: 30, height: 20, channels: 3, background } })
      .png()
      .toBuffer()

  it('in a folder for each class, by what they are for', async () => {
    for (const split of ['train', 'val'])
      for (const [name, background] of Object.entries({ cat: '#ff0000', dog: '#0000ff', owl: '#00ff00' }))
        await place.write(`photos/${split}/${name}/1.png`, await colour(background))
    const { draft, preview } = await propose(model, 'photos')
    expect(draft.manifest).toMatchObject({
      ...{ kind: 'images', calibration: { file: 'train' }, evaluation: { file: 'val', labels: 'folder' }, input: 'x' },
      ...{ size: [8, 12], layout: 'NCHW', channels: 'RGB', metric: { kind: 'accuracy', output: 'logits' } },
    })
    expect(draft.manifest.classes).toEqual(['cat', 'dog', 'owl'])
    expect(preview.samples.map(({ label }) => label)).toEqual(['0 (cat)', '1 (dog)', '2 (owl)'])
    expect(preview.evaluation).toBe(3)
    const [image] = preview.samples.map(({ inputs }) => inputs[0])
    expect(image).toMatchObject({ type: 'float32[1, 3, 8, 12]', least: 0, greatest: 1 })
    const { data, info } = await sharp(Buffer.from(image!.image!.split(',')[1]!, 'base64'))
      .raw()
      .toBuffer({ resolveWithObject: true })
    expect([info.width, info.height, ...data.subarray(0, 3)]).toEqual([12, 8, 255, 0, 0])
    const data2 = await open(model, 'photos', draft.manifest)
    expect([...data2.evaluation!.labels!.values]).toEqual([0, 1, 2])
  })

  it('lists classes that one split lacks, and those whose folders are named like outputs', async () => {
    for (const file of ['train/cat/1.png', 'train/dog/1.png', 'train/owl/1.png', 'val/dog/1.png', 'val/owl/1.png'])
      await place.write(`gaps/${file}`, await colour('#ff0000'))
    const { draft } = await propose(model, 'gaps')
    expect(draft.manifest.classes).toEqual(['cat', 'dog', 'owl'])
    expect([...(await open(model, 'gaps', draft.manifest)).evaluation!.labels!.values]).toEqual([1, 2])
    for (const file of ['1/1.png', '2/1.png']) await place.write(`digits/${file}`, await colour('#ff0000'))
    const digits = (await propose(model, 'digits')).draft.manifest
    expect(digits.classes).toEqual(['0', '1', '2'])
    expect([...(await open(model, 'digits', digits)).evaluation!.labels!.values]).toEqual([1, 2])
  })

  it('says that there are fewer names than outputs', async () => {
    for (const file of ['bee/1.png', 'cow/1.png']) await place.write(`few/${file}`, await colour('#ff0000'))
    const { draft } = await propose(model, 'few')
    expect(draft.because.find(({ at }) => at === 'classes')?.why).toMatch(/there are 2 names, and the model has 3 outputs/)
  })

  it('side by side have no labels; those that are broken are told', async () => {
    await place.write('pile/a.png', await colour('#123456'))
    await place.write('pile/b.jpg', 'no image')
    const { draft, preview } = await propose(classifier('x: float32[batch, height, width, 1]'), 'pile')
    expect(draft.manifest).toMatchObject({ evaluation: { file: '.' }, layout: 'NHWC', channels: 'gray', size: [224, 224] })
    expect(preview.notes.join()).toMatch(/1 broken sample was left out: b\.jpg/)
  })
})

describe('a folder with texts', () => {
  it('is tokenized as the sample that comes with Lathe is', async () => {
    const model = openModel('samples/text-bert/model.onnx')
    const { draft, preview } = await propose(model, resolve('samples/text-bert'))
    // Arrays that are named like the inputs come first; without them the texts do.
    expect(draft.manifest).toMatchObject({ kind: 'npz' })
    expect(preview.evaluation).toBeGreaterThan(100)
    for (const file of ['tokenizer.json', 'eval.csv', 'labels.txt'])
      await place.write(`texts/${file}`, await readFile(`samples/text-bert/${file}`))
    const texts = await propose(model, 'texts')
    expect(texts.draft.manifest).toMatchObject({
      ...{ kind: 'text', tokenizer: 'tokenizer.json', maxLength: 32, evaluation: { file: 'eval.csv', labels: 'label' } },
      metric: { kind: 'accuracy' },
    })
    const ids = texts.preview.samples[0]!.inputs.find(({ name }) => name === 'input_ids')
    expect(ids?.text).toMatch(/^\d+(, \d+)+.*\(\[CLS\] /)
  })
})

describe('a folder with tables', () => {
  const rows = 6
  const column = (name: string, make: (row: number) => number) => ({
    name,
    data: Float64Array.from({ length: rows }, (_, row) => make(row)),
  })

  it('takes columns of numbers of a parquet file in their order, the labels aside', async () => {
    const columnData = [
      column('width', (row) => row),
      column('height', (row) => row / 2),
      column('class', (row) => row % 3),
      column('depth', () => 1),
    ]
    await place.write('flat/test.parquet', new Uint8Array(parquetWriteBuffer({ columnData })))
    const model = classifier('x: float32[batch, 3]')
    const { draft, preview } = await propose(model, 'flat')
    expect(draft.manifest).toMatchObject({
      ...{ kind: 'table', columns: { x: ['width', 'height', 'depth'] }, evaluation: { file: 'test.parquet', labels: 'class' } },
      metric: { kind: 'accuracy', output: 'logits' },
    })
    expect(preview.samples[2]).toMatchObject({ label: '2', inputs: [{ type: 'float32[1, 3]', text: '2, 1, 1' }] })
    expect((await open(model, 'flat', draft.manifest)).evaluation?.table.count).toBe(rows)
  })

  it('takes a list in one column, and columns by the names of inputs', async () => {
    const lists = Array.from({ length: rows }, (_, row) => [row, 1, 2])
    const columnData = [{ name: 'features', data: lists }, column('n', (row) => row), column('target', (row) => row + 0.5)]
    await place.write('lists/data.parquet', new Uint8Array(parquetWriteBuffer({ columnData })))
    const model = classifier('x: float32[batch, 3], n: int64[batch, 1]')
    const { draft, preview } = await propose(model, 'lists')
    expect(draft.manifest).toMatchObject({ columns: { x: ['features'], n: ['n'] }, metric: { kind: 'mse' } })
    expect(preview.samples[1]!.inputs.map(({ name, text }) => [name, text])).toEqual([
      ['x', '1, 1, 2'],
      ['n', '1'],
    ])
  })

  it('reads csv likewise', async () => {
    await place.write('csv/data.csv', 'a,b,species\n1,2,iris\n3,4,rose\n')
    const { draft } = await propose(classifier('x: float32[batch, 2]'), 'csv')
    expect(draft.manifest).toMatchObject({ columns: { x: ['a', 'b'] }, evaluation: { labels: 'species' }, metric: { kind: 'accuracy' } })
    expect(draft.manifest.classes).toEqual(['iris', 'rose'])
  })
})

describe('a folder with nothing that fits', () => {
  it('says what the model takes and what was found', async () => {
    await place.write('odd/readme.md', 'x')
    const problem = await problemIn(propose(classifier('x: float32[batch, 3]'), 'odd'))
    expect(problem).toMatchObject({ code: 'no-data', what: expect.stringContaining('x: float32[batch, 3]'), details: 'Found: readme.md' })
    expect(await problemIn(propose(classifier('x: float32[batch, 3]'), 'nowhere'))).toMatchObject({ code: 'no-folder' })
    expect(await readdir(join(place.path, 'odd'))).toEqual(['readme.md'])
  })
})
