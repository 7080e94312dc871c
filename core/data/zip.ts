import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createInflateRaw } from 'node:zlib'
import { ProblemError } from '../api/problem.ts'

/** One file inside a zip archive. */
export interface ZipMember {
  readonly name: string
  readonly method: 'stored' | 'deflated'
  /** Bytes as stored and as unpacked. */
  readonly packed: number
  readonly size: number
  /** Where the stored bytes begin in the archive. */
  readonly offset: number
}

const endSignature = 0x06054b50
const end64LocatorSignature = 0x07064b50
const end64Signature = 0x06064b50
const entrySignature = 0x02014b50
const localSignature = 0x04034b50
const endLength = 22
const longestComment = 0xffff

/**
 * The members of a zip archive, read from its central directory: local headers of archives that were written as a stream (numpy's) hold
 * placeholders for the sizes. Reads no member.
 */
export async function readZip(path: string): Promise<readonly ZipMember[]> {
  const file = await openFile(path)
  try {
    const { size } = await file.stat()
    const { offset, length } = await findDirectory(file, size, path)
    const directory = await readAt(file, offset, length)
    const members: ZipMember[] = []
    for (let at = 0; at < directory.byteLength; ) {
      const entry = parseEntry(directory, at, path)
      members.push({ ...entry.member, offset: await dataOffset(file, entry.header, path) })
      at = entry.next
    }
    const outside = members.find(({ offset: from, packed }) => from + packed > size)
    if (outside !== undefined) throw broken(path, `'${outside.name}' reaches past the end of the file`)
    return members
  } catch (error) {
    // A field that points outside of what was read.
    if (error instanceof RangeError) throw broken(path, 'its directory is damaged')
    throw error
  } finally {
    await file.close()
  }
}

/** The unpacked bytes of a member, in chunks. */
export async function* unpack(path: string, member: ZipMember): AsyncGenerator<Uint8Array> {
  if (member.packed === 0) return
  const raw = createReadStream(path, { start: member.offset, end: member.offset + member.packed - 1 })
  if (member.method === 'stored') {
    yield* raw
    return
  }
  const inflate = createInflateRaw()
  const done = pipeline(raw, inflate).catch((error: unknown) => {
    throw broken(path, `'${member.name}' cannot be unpacked: ${(error as Error).message}`)
  })
  // The rejection is handed on below; until then it must not count as unhandled.
  done.catch(() => undefined)
  try {
    for await (const chunk of inflate) yield chunk as Uint8Array
  } catch (error) {
    await done
    throw error
  }
  await done
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r')
  } catch (error) {
    throw new ProblemError({
      kind: 'file',
      code: 'unreadable-file',
      what: 'The file cannot be opened',
      where: { file: path },
      mend: 'Check the path and its permissions.',
      details: (error as Error).message,
    })
  }
}

async function readAt(file: FileHandle, offset: number, length: number): Promise<DataView> {
  const bytes = new Uint8Array(length)
  const { bytesRead } = await file.read(bytes, 0, length, offset)
  return new DataView(bytes.buffer, 0, bytesRead)
}

interface Extent {
  readonly offset: number
  readonly length: number
}

async function findDirectory(file: FileHandle, size: number, path: string): Promise<{ offset: number; length: number }> {
  const tailLength = Math.min(size, endLength + longestComment)
  const tail = await readAt(file, size - tailLength, tailLength)
  for (let at = tail.byteLength - endLength; at >= 0; at--) {
    if (tail.getUint32(at, true) !== endSignature) continue
    const short = { length: tail.getUint32(at + 12, true), offset: tail.getUint32(at + 16, true) }
    const extent =
      short.offset === 0xffffffff || short.length === 0xffffffff ? await directory64(file, size - tailLength + at, path) : short
    if (extent.offset + extent.length > size) throw broken(path, 'its directory reaches past the end of the file')
    return extent
  }
  throw broken(path, 'it has no end-of-directory record')
}

async function directory64(file: FileHandle, end: number, path: string): Promise<Extent> {
  const locator = end >= 20 ? await readAt(file, end - 20, 20) : null
  if (locator?.getUint32(0, true) !== end64LocatorSignature) throw broken(path, 'its zip64 locator is missing')
  const record = await readAt(file, Number(locator.getBigUint64(8, true)), 56)
  if (record.byteLength < 56 || record.getUint32(0, true) !== end64Signature) throw broken(path, 'its zip64 record is missing')
  return { length: Number(record.getBigUint64(40, true)), offset: Number(record.getBigUint64(48, true)) }
}

function parseEntry(directory: DataView, at: number, path: string): { member: Omit<ZipMember, 'offset'>; header: number; next: number } {
  if (at + 46 > directory.byteLength || directory.getUint32(at, true) !== entrySignature) throw broken(path, 'its directory is damaged')
  const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) => directory.getUint16(at + field, true)) as [
    number,
    number,
    number,
  ]
  const next = at + 46 + nameLength + extraLength + commentLength
  if (next > directory.byteLength) throw broken(path, 'its directory is damaged')
  const name = new TextDecoder().decode(new Uint8Array(directory.buffer, directory.byteOffset + at + 46, nameLength))
  const method = methodOf(directory.getUint16(at + 10, true), name, path)
  if ((directory.getUint16(at + 8, true) & 1) === 1) throw broken(path, `'${name}' is encrypted`)
  const sizes = [24, 20, 42].map((field) => directory.getUint32(at + field, true))
  const [size, packed, header] = widen(sizes, directory, at + 46 + nameLength, extraLength) as [number, number, number]
  return { member: { name, method, packed, size }, header, next }
}

/** Fields that do not fit 32 bits stand, in this order, in the zip64 extra field (id 1). */
function widen(fields: readonly number[], directory: DataView, from: number, length: number): number[] {
  for (let at = from; at + 4 <= from + length; at += 4 + directory.getUint16(at + 2, true)) {
    if (directory.getUint16(at, true) !== 1) continue
    let place = at + 4
    return fields.map((field) => {
      if (field !== 0xffffffff) return field
      place += 8
      return Number(directory.getBigUint64(place - 8, true))
    })
  }
  return [...fields]
}

function methodOf(code: number, name: string, path: string): ZipMember['method'] {
  if (code === 0) return 'stored'
  if (code === 8) return 'deflated'
  throw broken(path, `'${name}' is packed by a method (${code}) other than deflate`)
}

async function dataOffset(file: FileHandle, header: number, path: string): Promise<number> {
  const local = await readAt(file, header, 30)
  if (local.byteLength < 30 || local.getUint32(0, true) !== localSignature) throw broken(path, 'a member is not where the directory says')
  return header + 30 + local.getUint16(26, true) + local.getUint16(28, true)
}

const broken = (path: string, why: string) =>
  new ProblemError({
    kind: 'format',
    code: 'bad-zip',
    what: `The file is not a zip archive that can be read: ${why}`,
    where: { file: path },
    mend: 'Write it again with numpy.savez or numpy.savez_compressed.',
  })
