import { basename } from 'node:path'
import type { Model } from '../ir/model.ts'
import type { Tensor } from '../ir/tensor.ts'
import type { Piece } from './encode.ts'
import { fileBlob, fileProblem } from './file-blob.ts'
import { refuseOwnFiles } from './own-files.ts'
import { sourceOf } from './read.ts'
import { type PendingFile, type WriteControl, writePending } from './stream.ts'
import { encodeModel, type Placement } from './write-graph.ts'

/** Whether weights go into a file beside the model: `auto` only when the model would pass the 2 GiB that protobuf allows. */
export type ExternalData = 'auto' | 'always' | 'never'

export interface WriteOptions extends WriteControl {
  readonly externalData?: ExternalData
  /** Copies the opened file byte for byte when nothing was changed since; on unless given. */
  readonly verbatim?: boolean
}

export interface Written {
  readonly path: string
  /** The file with the weights; `null` when they are inside. */
  readonly data: string | null
  /** Bytes of all files together. */
  readonly bytes: number
}

/** Protobuf's own limit, less what its parsers may need. */
const largestFile = 2 ** 31 - 2 ** 16
/** Smaller tensors stay in the file: shapes and scales, which the runtime wants to see while it loads. */
const smallestExternal = 1024
/** Larger tensors begin on a page, so that they can be mapped into memory; smaller ones on a cache line. */
const alignments = { page: 4096, line: 64, largeFrom: 1 << 20 } as const

/**
 * Writes a model to `path`, with external data to `<path>.data` beside it. Both files appear complete or not at all; the same model gives the
 * same bytes. Weights are streamed from where they are. Throws a `ProblemError` when the place cannot be written or is a file that the model
 * itself reads.
 */
export async function writeModel(model: Model, path: string, options: WriteOptions = {}): Promise<Written> {
  const data = `${path}.data`
  refuseOwnFiles(model, [path, data])
  const copied = copyable(model, options)
  if (copied !== null) return writeInside(path, [{ blob: copied, from: 0, to: copied.size }], options)
  const inside = options.externalData === 'always' ? null : encodeModel(model, () => null)
  if (inside !== null && inside.length <= largestFile) return writeInside(path, inside.pieces, options)
  if (options.externalData === 'never')
    throw fileProblem('too-large', 'The model has more than the 2 GiB that one .onnx file may have', path, 'Write it with external data.')
  return writeWithData(model, { path, data }, options)
}

/** The opened file, when it may be copied as it is. */
function copyable(model: Model, { externalData = 'auto', verbatim = true }: WriteOptions) {
  const { opened } = model
  if (!verbatim || !model.untouched || externalData === 'always' || opened === null) return null
  // A model in several files names them; it is encoded anew so that its data is named after it.
  return opened.files.length === 1 ? (sourceOf(opened) ?? null) : null
}

async function writeInside(path: string, pieces: readonly Piece[], control: WriteControl): Promise<Written> {
  const file = await writePending(path, pieces, control)
  await publish([file])
  return { path, data: null, bytes: fileBlob(path).size }
}

async function writeWithData(model: Model, { path, data }: { path: string; data: string }, options: WriteOptions): Promise<Written> {
  const layout = new DataLayout(basename(data))
  const encoded = encodeModel(model, layout.place)
  const weights = await writePending(data, layout.pieces, options)
  const file = await writePending(path, encoded.pieces).catch(async (error) => {
    await weights.discard()
    throw error
  })
  await publish([weights, file])
  return { path, data, bytes: layout.length + encoded.length }
}

async function publish(files: readonly PendingFile[]): Promise<void> {
  try {
    for (const file of files) await file.publish()
  } catch (error) {
    for (const file of files) await file.discard()
    throw error
  }
}

/** Lays tensors one after the other into one external file; a tensor that several values share stands there once. */
export class DataLayout {
  readonly pieces: Piece[] = []
  length = 0
  readonly #location: string
  readonly #offsets = new Map<string, number>()

  constructor(location: string) {
    this.#location = location
  }

  readonly place: Placement = (tensor) => {
    if (tensor.ref.length < smallestExternal) return null
    const entries = { location: this.#location, offset: `${this.#offsetOf(tensor)}`, length: `${tensor.ref.length}` }
    return Object.entries(entries).map(([key, value]) => ({ key, value }))
  }

  #offsetOf(tensor: Tensor): number {
    const { blob, offset, length } = tensor.ref
    const key = `${blob} ${offset} ${length}`
    const known = this.#offsets.get(key)
    if (known !== undefined) return known
    const alignment = length >= alignments.largeFrom ? alignments.page : alignments.line
    const at = Math.ceil(this.length / alignment) * alignment
    if (at > this.length) this.pieces.push(new Uint8Array(at - this.length))
    this.pieces.push({ blob: tensor.blob, from: offset, to: offset + length })
    this.#offsets.set(key, at)
    this.length = at + length
    return at
  }
}
