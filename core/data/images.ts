import { readdir } from 'node:fs/promises'
import { extname, join, relative } from 'node:path'
import sharp from 'sharp'
import type { Dataset } from '../api/dataset.ts'
import { ProblemError } from '../api/problem.ts'
import { tensorFrom } from '../ir/numbers.ts'
import { type BrokenSamples, brokenSamples } from './broken.ts'
import type { InputSpec, LoadedSplit } from './columns.ts'
import { checkDims } from './fit.ts'
import { classLabels } from './labels.ts'
import type { LoadRequest } from './loaders.ts'

type Preparation = Extract<Dataset, { kind: 'images' }>

export const imageExtensions: ReadonlySet<string> = new Set(['.png', '.jpg', '.jpeg', '.webp', '.gif', '.tif', '.tiff', '.avif', '.bmp'])

/**
 * Decodes the images of a folder, or of a folder per class (whose name is the label), and prepares them for the model: resized to `size`
 * (height, width), channels ordered, `(pixel * scale - mean) / std`. Images that cannot be decoded are broken samples.
 */
export async function loadImages({ file, split, manifest, inputs, store, skipBroken, limit }: LoadRequest): Promise<LoadedSplit> {
  const { dataset } = manifest
  if (dataset.kind !== 'images') throw new TypeError(`a ${dataset.kind} dataset holds no images`)
  const all = await imagesIn(file, split.labels)
  const files = all.slice(0, limit)
  const input = inputFor(dataset, inputs, manifest.path)
  const channels = depthOf(dataset)
  const dims = dataset.layout === 'NCHW' ? [channels, ...dataset.size] : [...dataset.size, channels]
  // Before anything is decoded for nothing.
  checkDims({ name: input.name, dims }, input, file)
  for (const key of ['mean', 'std'] as const) requireChannels(key, dataset, manifest.path)
  const broken = brokenSamples(file, skipBroken)
  const started = performance.now()
  const kept: ImageFile[] = []
  const blob = await store.put(prepared({ files, dataset, input, broken, kept }))
  const preparationMs = performance.now() - started
  const named = (images: readonly ImageFile[]) => images.map(({ label }) => label as string)
  const labels = all.every(({ label }) => label !== null)
    ? classLabels(named(kept), named(all), { classes: dataset.classes, manifest: manifest.path })
    : null
  const column = { name: input.name, dtype: input.dtype, dims, file: store.pathOf(blob.id), offset: 0 }
  return { count: kept.length, available: all.length, columns: [column], labels, notes: broken.notes(), preparationMs }
}

const depthOf = ({ channels }: Preparation): 1 | 3 => (channels === 'gray' ? 1 : 3)

function requireChannels(key: 'mean' | 'std', dataset: Preparation, manifest: string): void {
  const [given, channels] = [dataset[key]?.length, depthOf(dataset)]
  if (given === undefined || given === channels) return
  throw new ProblemError({
    kind: 'input',
    code: 'bad-manifest',
    what: `"${key}" has ${given} ${given === 1 ? 'number' : 'numbers'}, and the pictures have ${channels} ${channels === 1 ? 'channel' : 'channels'}`,
    where: { file: manifest, path: key },
    mend: `Give ${channels === 1 ? 'one number' : 'one number for each channel, in the order of "channels"'}.`,
  })
}

interface ImageFile {
  readonly path: string
  readonly name: string
  /** Name of the class folder. */
  readonly label: string | null
}

async function imagesIn(folder: string, labels: string | undefined): Promise<ImageFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile() && imageExtensions.has(extname(entry.name).toLowerCase()))
    .map((entry) => {
      const path = join(entry.parentPath, entry.name)
      const name = relative(folder, path)
      const parts = name.split(/[\\/]/)
      return { path, name, label: parts.length > 1 ? (parts[0] as string) : null }
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  const problem = (code: string, what: string, mend: string) =>
    new ProblemError({ kind: 'input', code, what, where: { file: folder }, mend })
  if (files.length === 0) throw problem('no-samples', 'The folder holds no image', `Add ${[...imageExtensions].join(', ')} files.`)
  if (labels !== undefined && files.some(({ label }) => label === null))
    throw problem(
      'no-labels',
      'There are labels to be read, but images lie outside of class folders',
      'Put every image into the folder of its class.',
    )
  return files
}

function inputFor(dataset: Preparation, inputs: readonly InputSpec[], manifest: string): InputSpec {
  const input =
    dataset.input === undefined
      ? (inputs.find(({ shape }) => shape?.length === 4) ?? inputs[0])
      : inputs.find(({ name }) => name === dataset.input)
  if (input !== undefined) return input
  throw new ProblemError({
    kind: 'input',
    code: 'no-such-input',
    what: `The images are meant for input '${dataset.input}', which the model does not have`,
    where: { file: manifest, path: 'input' },
    mend: `Name one of ${inputs.map(({ name }) => name).join(', ')}.`,
  })
}

interface Preparing {
  readonly files: readonly ImageFile[]
  readonly dataset: Preparation
  readonly input: InputSpec
  readonly broken: BrokenSamples
  /** Filled with the images that could be prepared. */
  readonly kept: ImageFile[]
}

async function* prepared({ files, dataset, input, broken, kept }: Preparing): AsyncGenerator<Uint8Array> {
  for (const file of files) {
    let pixels: Uint8Array
    try {
      pixels = await decode(file.path, dataset)
    } catch (error) {
      broken.add(file.name, (error as Error).message)
      continue
    }
    kept.push(file)
    yield tensorFrom(input.dtype, [pixels.length], arranged(pixels, dataset)).read()
  }
}

/** Pixels in rows, channels together, 0 to 255. */
async function decode(path: string, { size: [height, width], channels }: Preparation): Promise<Uint8Array> {
  const image = sharp(path).rotate().resize(width, height, { fit: 'fill' }).flatten({ background: '#000' })
  const plain = channels === 'gray' ? image.toColourspace('b-w') : image.toColourspace('srgb')
  return plain.raw().toBuffer()
}

/** Channel order, layout and normalization. */
function arranged(pixels: Uint8Array, dataset: Preparation): Float64Array {
  const { size, channels, layout, scale, mean, std } = dataset
  const depth = depthOf(dataset)
  const area = size[0] * size[1]
  const values = new Float64Array(area * depth)
  for (let channel = 0; channel < depth; channel++) {
    const from = channels === 'BGR' ? 2 - channel : channel
    const shift = mean?.[channel] ?? 0
    const spread = std?.[channel] ?? 1
    for (let pixel = 0; pixel < area; pixel++) {
      const value = ((pixels[pixel * depth + from] as number) * scale - shift) / spread
      values[layout === 'NCHW' ? channel * area + pixel : pixel * depth + channel] = value
    }
  }
  return values
}
