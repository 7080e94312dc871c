import { deflateRawSync } from 'node:zlib'

export interface ArrayBytes {
  readonly descr: string
  readonly shape: readonly number[]
  readonly data: Uint8Array
  readonly fortran?: boolean
  readonly version?: 1 | 2 | 3
}

/** An array in numpy's format. */
export function npyBytes({ descr, shape, data, fortran = false, version = 1 }: ArrayBytes): Uint8Array {
  const dims = shape.length === 1 ? `${shape[0]},` : shape.join(', ')
  const start = version === 1 ? 10 : 12
  const text = `{'descr': ${descr.startsWith('[') ? descr : `'${descr}'`}, 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (${dims}), }`
  const length = Math.ceil((start + text.length + 1) / 64) * 64
  const header = Buffer.alloc(length, 0x20)
  header.write('\x93NUMPY', 0, 'latin1')
  header[6] = version
  if (version === 1) header.writeUInt16LE(length - start, 8)
  else header.writeUInt32LE(length - start, 8)
  header.write(text, start, 'latin1')
  header[length - 1] = 0x0a
  return Buffer.concat([header, data])
}

/** A zip archive as numpy writes it: sizes stand in a zip64 field of the local header, and only the central directory tells them plainly. */
export function zipBytes(members: Readonly<Record<string, Uint8Array>>, { deflate = false } = {}): Uint8Array {
  const locals: Uint8Array[] = []
  const entries: Uint8Array[] = []
  let offset = 0
  for (const [name, data] of Object.entries(members)) {
    const packed = deflate ? deflateRawSync(data) : data
    const file = { name: Buffer.from(name), packed, method: deflate ? 8 : 0, size: data.length }
    const local = localHeader(file)
    locals.push(local, packed)
    entries.push(entry(file, offset))
    offset += local.length + packed.length
  }
  const directory = Buffer.concat(entries)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...locals, directory, end])
}

interface Member {
  readonly name: Buffer
  readonly packed: Uint8Array
  readonly method: number
  readonly size: number
}

function localHeader({ name, packed, method, size }: Member): Uint8Array {
  const header = Buffer.alloc(30 + name.length + 20)
  header.writeUInt32LE(0x04034b50, 0)
  header.writeUInt16LE(45, 4)
  header.writeUInt16LE(method, 8)
  header.writeUInt32LE(0xffffffff, 18)
  header.writeUInt32LE(0xffffffff, 22)
  header.writeUInt16LE(name.length, 26)
  header.writeUInt16LE(20, 28)
  name.copy(header, 30)
  header.writeUInt16LE(1, 30 + name.length)
  header.writeUInt16LE(16, 32 + name.length)
  header.writeBigUInt64LE(BigInt(size), 34 + name.length)
  header.writeBigUInt64LE(BigInt(packed.length), 42 + name.length)
  return header
}

function entry({ name, packed, method, size }: Member, offset: number): Uint8Array {
  const header = Buffer.alloc(46 + name.length)
  header.writeUInt32LE(0x02014b50, 0)
  header.writeUInt16LE(method, 10)
  header.writeUInt32LE(packed.length, 20)
  header.writeUInt32LE(size, 24)
  header.writeUInt16LE(name.length, 28)
  header.writeUInt32LE(offset, 42)
  name.copy(header, 46)
  return header
}

/** An .npz file of some arrays. */
export function npzBytes(arrays: Readonly<Record<string, ArrayBytes>>, options: { deflate?: boolean } = {}): Uint8Array {
  return zipBytes(Object.fromEntries(Object.entries(arrays).map(([name, array]) => [`${name}.npy`, npyBytes(array)])), options)
}
