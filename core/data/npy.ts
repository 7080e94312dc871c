import { ProblemError } from '../api/problem.ts'
import { bitsOf, type DType } from '../ir/dtype.ts'
import { countOf } from '../ir/tensor.ts'

/** What the header of a .npy array says. */
export interface NpyHeader {
  readonly dtype: DType
  readonly dims: readonly number[]
  readonly fortran: boolean
  readonly bigEndian: boolean
  /** Code points of one element of a text array (numpy's `U`), 0 for numbers. */
  readonly textWidth: number
  /** Where the elements begin. */
  readonly offset: number
}

/** Enough bytes for the header of any array that numpy writes; longer ones are read in a second go. */
export const headerGuess = 4096

const kinds: Readonly<Record<string, DType>> = {
  f2: 'float16',
  f4: 'float32',
  f8: 'float64',
  i1: 'int8',
  i2: 'int16',
  i4: 'int32',
  i8: 'int64',
  u1: 'uint8',
  u2: 'uint16',
  u4: 'uint32',
  u8: 'uint64',
  b1: 'bool',
}

/**
 * Reads the header of an array in numpy's format, versions 1 to 3.
 * @param bytes the first bytes of the array
 * @param where file and array, for the problem
 * @returns the header, or how many bytes are needed to read it
 */
export function parseNpyHeader(bytes: Uint8Array, where: { file: string; tensor: string }): NpyHeader | { readonly needs: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 10 || view.getUint32(0) !== 0x934e554d || view.getUint16(4) !== 0x5059)
    throw bad(where, 'it does not begin with the mark of numpy')
  const version = bytes[6] as number
  if (version < 1 || version > 3) throw bad(where, `version ${version} of the format is unknown`)
  const start = version === 1 ? 10 : 12
  const offset = start + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true))
  if (offset > bytes.length) return { needs: offset }
  const text = new TextDecoder(version === 3 ? 'utf-8' : 'latin1').decode(bytes.subarray(start, offset))
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(text)?.[1]
  const fortran = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1]
  const shape = /'shape'\s*:\s*\(([^)]*)\)/.exec(text)?.[1]
  if (fortran === undefined || shape === undefined) throw bad(where, 'its header is not a numpy header')
  const dims = shape.split(',').flatMap((part) => (part.trim() === '' ? [] : [Number(part.trim().replace(/L$/, ''))]))
  if (dims.some((dim) => !Number.isSafeInteger(dim) || dim < 0)) throw bad(where, `its shape (${shape}) is no shape`)
  return { ...elementOf(descr, where), dims, fortran: fortran === 'True', offset }
}

function elementOf(
  descr: string | undefined,
  where: { file: string; tensor: string },
): Pick<NpyHeader, 'dtype' | 'bigEndian' | 'textWidth'> {
  const [, order = '', kind = '', width = ''] = /^([<>|=]?)([a-zA-Z])(\d+)$/.exec(descr ?? '') ?? []
  const bigEndian = order === '>'
  if (kind === 'U') return { dtype: 'string', bigEndian, textWidth: Number(width) }
  const dtype = kinds[kind + width]
  if (dtype === undefined) {
    const what = descr === undefined ? 'records or Python objects' : `'${descr}'`
    throw bad(where, `its elements are ${what}; numbers, booleans and text are supported`)
  }
  return { dtype, bigEndian, textWidth: 0 }
}

/** Whether the elements can be used where they lie: little-endian and in C order. */
export const isPlain = (header: NpyHeader): boolean =>
  header.textWidth === 0 && (!header.bigEndian || bitsOf(header.dtype) === 8) && (!header.fortran || header.dims.length < 2)

/** Bytes of the elements as stored. */
export const storedBytes = (header: NpyHeader): number =>
  countOf(header.dims) * (header.textWidth > 0 ? 4 * header.textWidth : bitsOf(header.dtype) / 8)

/** The elements as dense little-endian bytes in C order. */
export function plainBytes(header: NpyHeader, stored: Uint8Array): Uint8Array {
  const width = bitsOf(header.dtype) / 8
  const ordered = header.fortran && header.dims.length > 1 ? toCOrder(stored, header.dims, width) : stored.slice()
  if (header.bigEndian && width > 1) for (let at = 0; at < ordered.length; at += width) ordered.subarray(at, at + width).reverse()
  return ordered
}

function toCOrder(stored: Uint8Array, dims: readonly number[], width: number): Uint8Array {
  const strides: number[] = []
  let stride = width
  for (const dim of dims) {
    strides.push(stride)
    stride *= dim
  }
  const result = new Uint8Array(stored.length)
  const index = dims.map(() => 0)
  let from = 0
  for (let to = 0; to < stored.length; to += width) {
    for (let byte = 0; byte < width; byte++) result[to + byte] = stored[from + byte] as number
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      from += strides[axis] as number
      index[axis] = (index[axis] as number) + 1
      if ((index[axis] as number) < (dims[axis] as number)) break
      from -= (strides[axis] as number) * (dims[axis] as number)
      index[axis] = 0
    }
  }
  return result
}

/** The strings of a text array, padding removed. */
export function textElements(header: NpyHeader, stored: Uint8Array): string[] {
  const view = new DataView(stored.buffer, stored.byteOffset, stored.byteLength)
  return Array.from({ length: countOf(header.dims) }, (_, element) => {
    const codes = Array.from({ length: header.textWidth }, (_, i) =>
      view.getUint32(4 * (element * header.textWidth + i), !header.bigEndian),
    )
    return String.fromCodePoint(...codes).replace(/\0+$/, '')
  })
}

const bad = (where: { file: string; tensor: string }, why: string) =>
  new ProblemError({
    kind: 'format',
    code: 'bad-npy',
    what: `Array '${where.tensor}' cannot be read: ${why}`,
    where,
    mend: 'Save it as a plain array of numbers, for example with numpy.savez(file, name=array.astype("float32")).',
  })
