import { createGzip, gzip } from 'node:zlib'
import type { Storage, StoragePair, Unavailable } from '../api/measurement.ts'
import type { LayerRow } from '../api/report.ts'
import type { Model } from '../ir/model.ts'
import { allValues } from '../ir/walk.ts'
import { lengthOf, type Piece } from '../onnx/encode.ts'
import { sourceOf } from '../onnx/read.ts'
import { encodeModel } from '../onnx/write-graph.ts'

/** Models are compressed as a whole up to this many bytes. */
const wholeUpTo = 32 * 2 ** 20
/** Of larger ones this many blocks of this many bytes, which look much further back than gzip's window of 32 KiB. */
const [blocks, blockBytes] = [64, 2 ** 19]
const chunkBytes = 2 ** 20

const known = new WeakMap<Model, Promise<Storage['gzip']>>()

/**
 * Where the bytes of a version go: by element type, the graph itself, and what compression would leave of them.
 * @param compress `false` saves the time of compressing; the reason then stands in its place
 */
async function storageOf(model: Model, compress: true | Unavailable): Promise<Storage> {
  const byType: Record<string, number> = {}
  let weights = 0
  for (const { initializer } of allValues(model.graph)) {
    if (initializer === null) continue
    const { dtype, length } = initializer.ref
    byType[dtype] = (byType[dtype] ?? 0) + length
    weights += length
  }
  const encoded = bytesOf(model)
  const zipped = compress === true ? (known.get(model) ?? compressed(encoded.pieces, encoded.length)) : compress
  if (zipped instanceof Promise) known.set(model, zipped)
  return { byType, graph: Math.max(0, encoded.length - weights), gzip: await zipped }
}

/** The file as it was opened, or as it would be written with its weights inside. */
function bytesOf(model: Model): { readonly pieces: readonly Piece[]; readonly length: number } {
  const { opened, untouched } = model
  const source = untouched && opened?.files.length === 1 ? sourceOf(opened) : undefined
  return source === undefined
    ? encodeModel(model, () => null)
    : { pieces: [{ blob: source, from: 0, to: source.size }], length: source.size }
}

/** The same of two versions. */
export async function storagePair(baseline: Model, candidate: Model, compress: true | Unavailable): Promise<StoragePair> {
  return { baseline: await storageOf(baseline, compress), candidate: await storageOf(candidate, compress) }
}

/** Rows of layers have the sizes of their weights. What of a file no layer owns is the graph, and the whole is the file as it lies on disk. */
export function withFileSizes(rows: readonly LayerRow[], storage: StoragePair, files: LayerRow['sizeBytes']): LayerRow[] {
  const sizes: Partial<Record<LayerRow['kind'], LayerRow['sizeBytes']>> = {
    overhead: { baseline: storage.baseline.graph, candidate: storage.candidate.graph },
    'whole model': files,
  }
  return rows.map((row) => ({ ...row, sizeBytes: sizes[row.kind] ?? row.sizeBytes }))
}

async function compressed(pieces: readonly Piece[], length: number): Promise<{ bytes: number; estimated: boolean }> {
  if (length <= wholeUpTo) return { bytes: await gzipped(pieces), estimated: false }
  let [read, left] = [0, 0]
  for (let block = 0; block < blocks; block++) {
    const from = Math.floor(((length - blockBytes) * block) / (blocks - 1))
    for (const bytes of between(pieces, from, from + blockBytes)) {
      read += bytes.byteLength
      left += await gzippedBytes(bytes)
    }
  }
  return { bytes: Math.round((left / read) * length), estimated: true }
}

/** Bytes that are left of all pieces together. */
async function gzipped(pieces: readonly Piece[]): Promise<number> {
  const zip = createGzip()
  let bytes = 0
  const done = new Promise<void>((resolve, reject) => {
    zip.on('data', (chunk: Buffer) => {
      bytes += chunk.byteLength
    })
    zip.once('end', resolve)
    zip.once('error', reject)
  })
  const length = pieces.reduce((sum, piece) => sum + lengthOf(piece), 0)
  for (const chunk of between(pieces, 0, length)) {
    if (!zip.write(chunk)) await new Promise((resolve) => zip.once('drain', resolve))
  }
  zip.end()
  await done
  return bytes
}

const gzippedBytes = (bytes: Uint8Array): Promise<number> =>
  new Promise((resolve, reject) => gzip(bytes, (error, result) => (error ? reject(error) : resolve(result.byteLength))))

/** The bytes [from, to) of the pieces in order, a chunk at a time. */
function* between(pieces: readonly Piece[], from: number, to: number): Generator<Uint8Array> {
  let at = 0
  for (const piece of pieces) {
    const length = lengthOf(piece)
    const [begin, end] = [Math.max(0, from - at), Math.min(length, to - at)]
    for (let next = begin; next < end; next += chunkBytes) {
      const last = Math.min(end, next + chunkBytes)
      yield piece instanceof Uint8Array ? piece.subarray(next, last) : piece.blob.read(piece.from + next, piece.from + last)
    }
    at += length
    if (at >= to) return
  }
}
