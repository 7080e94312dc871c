import { createHash } from 'node:crypto'
import { constants, statSync } from 'node:fs'
import { copyFile, link, mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Model } from '../ir/model.ts'
import type { Blob, Tensor } from '../ir/tensor.ts'
import { asFileProblem, fileProblem } from './file-blob.ts'
import { type WriteControl, writePending } from './stream.ts'
import { DataLayout, type Written } from './write.ts'
import { encodeModel, type Placement } from './write-graph.ts'

export interface SkeletonOptions extends WriteControl {
  /** Name of the .onnx file in the folder; `model.onnx` unless given. */
  readonly name?: string
}

/** Smaller tensors stay in the file: shapes and scales, which the runtime wants to see while it loads. */
const smallestLinked = 1024

/**
 * Writes a version for the runtime into `folder` without copying weights: a small .onnx whose tensors point by offset into hard links of
 * the files they come from (copies where the file system refuses links). Tensors from memory go to one file beside it. Several
 * versions may share a folder under different names; they share the links. The runtime refuses symbolic links and paths that leave the folder,
 * so the model must be opened where it was written.
 */
export async function writeSkeleton(model: Model, folder: string, options: SkeletonOptions = {}): Promise<Written> {
  const name = options.name ?? 'model.onnx'
  await mkdir(folder, { recursive: true })
  const path = join(folder, name)
  const layout = new DataLayout(`${name}.data`)
  const linked = new Map<string, Blob>()
  const place: Placement = (tensor, main) => {
    const { blob } = tensor
    // For weights of subgraphs the runtime takes a file with several hard links for an attack.
    if (!main || blob.path === undefined || tensor.ref.length < smallestLinked) return layout.place(tensor, main)
    linked.set(linkName(blob), blob)
    return linkEntries(tensor)
  }
  const encoded = encodeModel(model, place)
  for (const [file, blob] of linked) await linkBlob(blob, join(folder, file))
  const data = layout.length === 0 ? null : join(folder, `${name}.data`)
  if (data !== null) await (await writePending(data, layout.pieces, options)).publish()
  await (await writePending(path, encoded.pieces, options)).publish()
  return { path, data, bytes: layout.length + encoded.length }
}

function linkEntries(tensor: Tensor) {
  const entries = { location: linkName(tensor.blob), offset: `${tensor.ref.offset}`, length: `${tensor.ref.length}` }
  return Object.entries(entries).map(([key, value]) => ({ key, value }))
}

const linkName = (blob: Blob): string => `${createHash('sha256').update(blob.id).digest('hex').slice(0, 24)}.bin`

const refusals = new Set(['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EACCES'])

let links = 0

/** Puts a blob's file under another name, which appears complete or not at all. */
async function linkBlob(blob: Blob, target: string): Promise<void> {
  const source = blob.path as string
  // Reading a byte makes a user's file prove that it is still the one that was opened.
  if (blob.size > 0) blob.read(0, 1)
  if (sameFile(source, target)) return
  links += 1
  const temporary = `${target}.${process.pid}-${links}.part`
  try {
    await rm(temporary, { force: true })
    await link(source, temporary).catch((error: NodeJS.ErrnoException) => {
      if (!refusals.has(error.code ?? '')) throw error
      return copyFile(source, temporary, constants.COPYFILE_FICLONE)
    })
    if (statSync(temporary).size !== blob.size)
      throw fileProblem('file-changed', 'The file was changed while it was in use', source, 'Open it again.')
    await rename(temporary, target)
  } catch (error) {
    await rm(temporary, { force: true })
    throw asFileProblem(error, source)
  }
}

function sameFile(a: string, b: string): boolean {
  const of = (path: string) => statSync(path, { throwIfNoEntry: false, bigint: true })
  const [one, other] = [of(a), of(b)]
  return one !== undefined && other !== undefined && one.dev === other.dev && one.ino === other.ino
}
