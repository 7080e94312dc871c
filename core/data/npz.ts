import { ProblemError } from '../api/problem.ts'
import { numbersOf } from '../ir/numbers.ts'
import { tensorOf } from '../ir/tensor.ts'
import type { SampleColumn } from '../runtime/session.ts'
import type { Store } from '../store/store.ts'
import type { Labels, LoadedSplit } from './columns.ts'
import { classLabels, type Naming } from './labels.ts'
import { headerGuess, isPlain, type NpyHeader, parseNpyHeader, plainBytes, storedBytes, textElements } from './npy.ts'
import { readZip, unpack, type ZipMember } from './zip.ts'

/** An array of an .npz file: its header read, its elements not yet. */
interface NpzArray {
  readonly name: string
  readonly path: string
  readonly member: ZipMember
  readonly header: NpyHeader
}

/** Loads the arrays of an .npz file. Stored little-endian arrays stay where they are; others are unpacked into the store. */
export async function loadNpz(
  path: string,
  labelsName: string | undefined,
  store: Store,
  naming: Naming = { classes: undefined, manifest: path },
): Promise<LoadedSplit> {
  const arrays = await arraysOf(path)
  const labels = labelsName === undefined ? null : arrays.find(({ name }) => name === labelsName)
  if (labels === undefined) {
    const names = arrays.map(({ name }) => name).join(', ')
    throw problem(
      'missing-array',
      `There is no array '${labelsName}' for the labels`,
      { file: path },
      `The file has ${names}: name one of them, or leave "labels" out.`,
    )
  }
  const inputs = arrays.filter((array) => array !== labels && array.header.dtype !== 'string')
  const count = sampleCount(labels === null ? inputs : [...inputs, labels], path)
  const columns = await Promise.all(inputs.map((array) => columnOf(array, store)))
  const read = labels === null ? null : await labelsOf(labels, naming)
  return { count, available: count, columns, labels: read, notes: [], preparationMs: 0 }
}

/** What the arrays of an .npz file are, without their elements. */
export async function npzHeaders(path: string): Promise<(Pick<NpyHeader, 'dtype' | 'dims'> & { readonly name: string })[]> {
  return (await arraysOf(path)).map(({ name, header: { dtype, dims } }) => ({ name, dtype, dims }))
}

async function arraysOf(path: string): Promise<NpzArray[]> {
  const members = (await readZip(path)).filter(({ name }) => name.endsWith('.npy'))
  if (members.length === 0)
    throw problem('no-arrays', 'The archive holds no .npy array', { file: path }, 'Write it with numpy.savez(file, name=array).')
  return Promise.all(
    members.map(async (member) => {
      const name = member.name.slice(0, -'.npy'.length)
      const header = await headerOf(path, member, name)
      const expected = header.offset + storedBytes(header)
      if (member.size === expected) return { name, path, member, header }
      const what = `Array '${name}' has ${member.size - header.offset} bytes of elements, its header asks for ${storedBytes(header)}`
      throw problem('bad-npy', what, { file: path, tensor: name }, 'Write the file again.')
    }),
  )
}

async function headerOf(path: string, member: ZipMember, name: string): Promise<NpyHeader> {
  const where = { file: path, tensor: name }
  const first = parseNpyHeader(await firstBytes(path, member, headerGuess), where)
  if (!('needs' in first)) return first
  const second = first.needs <= member.size ? parseNpyHeader(await firstBytes(path, member, first.needs), where) : first
  if ('needs' in second) throw problem('bad-npy', `Array '${name}' ends inside its header`, where, 'Write the file again.')
  return second
}

async function firstBytes(path: string, member: ZipMember, length: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let total = 0
  for await (const chunk of unpack(path, member)) {
    parts.push(chunk)
    total += chunk.length
    if (total >= length) break
  }
  return Buffer.concat(parts).subarray(0, length)
}

function sampleCount(arrays: readonly NpzArray[], path: string): number {
  const first = arrays[0]
  if (first === undefined)
    throw problem('no-arrays', 'The archive holds no array of numbers', { file: path }, 'Name arrays like the inputs of the model.')
  if (first.header.dims[0] === 0)
    throw problem('no-samples', `Array '${first.name}' holds no samples`, { file: path, tensor: first.name }, 'Give a file that has some.')
  for (const { name, header } of arrays) {
    const count = header.dims[0]
    if (count !== undefined && count === first.header.dims[0] && count > 0) continue
    const what = `Array '${name}' has ${count ?? 'no axis of'} samples, '${first.name}' has ${first.header.dims[0] ?? 'no axis of samples'}`
    throw problem(
      'sample-counts-differ',
      what,
      { file: path, tensor: name },
      'The first axis of every array must count the same samples, at least one.',
    )
  }
  return first.header.dims[0] as number
}

async function columnOf({ name, path, member, header }: NpzArray, store: Store): Promise<SampleColumn> {
  const column = { name, dtype: header.dtype, dims: header.dims.slice(1) }
  if (isPlain(header) && member.method === 'stored') return { ...column, file: path, offset: member.offset + header.offset }
  const blob = isPlain(header)
    ? await store.put(skip(unpack(path, member), header.offset))
    : await store.put(plainBytes(header, await elementsOf(path, member, header)))
  return { ...column, file: store.pathOf(blob.id), offset: 0 }
}

async function* skip(chunks: AsyncIterable<Uint8Array>, bytes: number): AsyncGenerator<Uint8Array> {
  let left = bytes
  for await (const chunk of chunks) {
    if (chunk.length > left) yield left > 0 ? chunk.subarray(left) : chunk
    left = Math.max(0, left - chunk.length)
  }
}

async function elementsOf(path: string, member: ZipMember, header: NpyHeader): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const chunk of skip(unpack(path, member), header.offset)) parts.push(chunk)
  return Buffer.concat(parts)
}

async function labelsOf({ path, member, header }: NpzArray, naming: Naming): Promise<Labels> {
  const stored = await elementsOf(path, member, header)
  const dims = header.dims.slice(1)
  if (header.dtype === 'string') {
    const names = textElements(header, stored)
    return { ...classLabels(names, names, naming), dims }
  }
  return { dims, values: numbersOf(tensorOf(header.dtype, header.dims, plainBytes(header, stored))) }
}

function problem(code: string, what: string, where: { readonly file: string; readonly tensor?: string }, mend: string): ProblemError {
  return new ProblemError({ kind: 'input', code, what, where, mend })
}
