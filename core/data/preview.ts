import sharp from 'sharp'
import type { Dataset } from '../api/dataset.ts'
import type { DataPreview } from '../api/proposal.ts'
import { numbersOf } from '../ir/numbers.ts'
import { tensorOf } from '../ir/tensor.ts'
import type { SampleColumn } from '../runtime/session.ts'
import type { Manifest } from './manifest.ts'
import { type OpenRequest, openSplits } from './open.ts'
import { feedsOf, type Samples } from './samples.ts'

/** Samples that are shown, and those that are prepared for it. */
const [shown, prepared] = [3, 16]
/** Numbers of an input that are written out. */
const writtenOut = 8
/** Pixels of a picture's longer side. */
const pictureSide = 96

/** The first samples of a manifest as the model takes them in; no more of them are decoded or tokenized than are looked at. */
export async function previewData(manifest: Manifest, { graph, store }: Pick<OpenRequest, 'graph' | 'store'>): Promise<DataPreview> {
  const splits = await openSplits(manifest, { graph, store, skipBroken: true, limit: prepared })
  const all = Object.values(splits).filter((split) => split !== null)
  const samples = (splits.evaluation ?? splits.selection ?? splits.calibration)?.samples ?? null
  const decode = manifest.dataset.kind === 'text' ? await decoderOf(manifest, manifest.dataset.tokenizer) : null
  const positions = samples === null ? [] : [...Array(Math.min(shown, samples.table.count)).keys()]
  return {
    calibration: splits.calibration?.available ?? 0,
    evaluation: splits.evaluation?.available ?? 0,
    selection: splits.selection?.available ?? 0,
    samples: await Promise.all(positions.map((position) => sampleAt(position, samples as Samples, { dataset: manifest.dataset, decode }))),
    notes: [...new Set(all.flatMap(({ notes }) => notes))],
    preparationMs: all.reduce((sum, split) => sum + split.preparationMs, 0),
  }
}

type Decode = (ids: readonly number[]) => string

async function decoderOf(manifest: Manifest, file: string): Promise<Decode> {
  const { openTokenizer } = await import('./text.ts')
  return (await openTokenizer(await manifest.resolve(file, 'tokenizer'))).decode
}

interface Showing {
  readonly dataset: Dataset
  readonly decode: Decode | null
}

async function sampleAt(position: number, { table, labels }: Samples, showing: Showing): Promise<DataPreview['samples'][number]> {
  const feeds = await feedsOf(table, position, 1)
  const inputs = await Promise.all(
    table.inputs.map(async (column) => {
      const { dtype, dims, data } = feeds[column.name] as (typeof feeds)[string]
      const values = numbersOf(tensorOf(dtype, dims, data))
      const [least, greatest] = rangeOf(values)
      return {
        name: column.name,
        type: `${dtype}[${dims.join(', ')}]`,
        text: textOf(column, values, showing),
        image: await pictureOf(column, values, showing.dataset),
        ...{ least, greatest },
      }
    }),
  )
  const width = labels === null ? 0 : labels.values.length / table.count
  const own = labels === null ? null : [...labels.values.subarray(position * width, (position + 1) * width)]
  return { inputs, label: own === null ? null : labelText(own, labels?.named?.classes) }
}

/** A label's numbers, with the name of the class where it has one. */
const labelText = (numbers: readonly number[], classes: readonly string[] | undefined): string => {
  const name = numbers.length === 1 ? classes?.[numbers[0] as number] : undefined
  return name === undefined || name === String(numbers[0]) ? shortened(numbers) : `${shortened(numbers)} (${name})`
}

function rangeOf(values: Float64Array): [number, number] {
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of values) {
    if (value < least) least = value
    if (value > greatest) greatest = value
  }
  return values.length === 0 ? [0, 0] : [least, greatest]
}

const shortened = (values: readonly number[]): string =>
  `${values
    .slice(0, writtenOut)
    .map((value) => (Number.isInteger(value) ? value : Number(value.toPrecision(4))))
    .join(', ')}${values.length > writtenOut ? ', ...' : ''}`

function textOf({ name }: SampleColumn, values: Float64Array, { decode }: Showing): string {
  const numbers = shortened([...values.subarray(0, writtenOut + 1)])
  return decode !== null && name === 'input_ids' ? `${numbers} (${decode([...values])})` : numbers
}

interface PictureForm {
  readonly height: number
  readonly width: number
  readonly channels: 1 | 3
  readonly channelsFirst: boolean
  readonly reversed: boolean
}

/** Smaller planes are no pictures. */
const leastSide = 8

/** How the numbers of a column make a picture: as the manifest says, else one or three planes, or one or three numbers for each pixel. */
function pictureForm({ dims, name }: SampleColumn, dataset: Dataset): PictureForm | null {
  if (dims.length !== 3) return null
  if (dataset.kind === 'images') {
    if (dataset.input !== undefined && dataset.input !== name) return null
    const [height, width] = dataset.size
    const channelsFirst = dataset.layout === 'NCHW'
    return { height, width, channels: dataset.channels === 'gray' ? 1 : 3, channelsFirst, reversed: dataset.channels === 'BGR' }
  }
  const [a = 0, b = 0, c = 0] = dims
  const isDepth = (size: number): size is 1 | 3 => size === 1 || size === 3
  if (isDepth(a) && Math.min(b, c) >= leastSide) return { height: b, width: c, channels: a, channelsFirst: true, reversed: false }
  if (isDepth(c) && Math.min(a, b) >= leastSide) return { height: a, width: b, channels: c, channelsFirst: false, reversed: false }
  return null
}

/** A picture from numbers of any range: the least is black. */
async function pictureOf(column: SampleColumn, values: Float64Array, dataset: Dataset): Promise<string | null> {
  const form = pictureForm(column, dataset)
  if (form === null) return null
  const { height, width, channels, channelsFirst, reversed } = form
  const [least, greatest] = rangeOf(values)
  const scale = greatest > least ? 255 / (greatest - least) : 0
  const pixels = new Uint8Array(height * width * channels)
  for (let at = 0; at < height * width; at++) {
    for (let channel = 0; channel < channels; channel++) {
      const from = reversed ? channels - 1 - channel : channel
      const value = values[channelsFirst ? from * height * width + at : at * channels + from] as number
      pixels[at * channels + channel] = Math.round((value - least) * scale)
    }
  }
  const image = sharp(pixels, { raw: { width, height, channels } }).resize(pictureSide, pictureSide, {
    fit: 'inside',
    withoutEnlargement: true,
  })
  return `data:image/png;base64,${(await image.png().toBuffer()).toString('base64')}`
}
