import { type FileHandle, open } from 'node:fs/promises'
import { ProblemError } from '../api/problem.ts'
import { byteLength, type DType } from '../ir/dtype.ts'
import { numbersOf, tensorFrom } from '../ir/numbers.ts'
import { countOf, tensorOf } from '../ir/tensor.ts'
import type { TensorData } from '../observe/reducer.ts'
import { inputProblem } from './failure.ts'
import type { SampleColumn, SampleTable } from './session.ts'

/** A batch of samples, read when it is asked for. */
export interface SampleReader {
  has(column: string): boolean
  /** Rows [from, from + count) of a column, dims [count, ...column dims]. Valid until the next read of the same column. */
  read(column: string, from: number, count: number): Promise<TensorData>
  close(): Promise<void>
}

/** @param largest samples of the largest batch: one buffer of that size a column serves all reads */
export function openSamples(table: SampleTable, largest: number): SampleReader {
  const columns = new Map(table.inputs.map((column) => [column.name, column]))
  const files = new Map<string, Promise<FileHandle>>()
  const buffers = new Map<string, Uint8Array<ArrayBuffer>>()
  const handleOf = (file: string): Promise<FileHandle> => {
    const known = files.get(file) ?? open(file, 'r')
    files.set(file, known)
    return known
  }
  return {
    has: (name) => columns.has(name),
    async read(name, from, count) {
      const column = columns.get(name) ?? missing(name, columns)
      const rowBytes = bytesOfRow(column)
      const buffer = buffers.get(name) ?? new Uint8Array(rowBytes * largest)
      buffers.set(name, buffer)
      const data = buffer.subarray(0, rowBytes * count)
      await fill(await handleOf(column.file), data, column.offset + from * rowBytes, column)
      return { dtype: column.dtype, dims: [count, ...column.dims], data }
    },
    async close() {
      for (const handle of files.values()) await (await handle).close()
    },
  }
}

function bytesOfRow({ dtype, dims, name }: SampleColumn): number {
  const bytes = byteLength(dtype, countOf(dims))
  if (dtype === 'string' || byteLength(dtype, 2) !== 2 * byteLength(dtype, 1)) {
    throw inputProblem({
      code: 'column-type',
      what: `Samples of ${dtype} cannot be read by ranges`,
      where: { tensor: name },
      mend: 'Store them in a type of whole bytes.',
    })
  }
  return bytes
}

async function fill(file: FileHandle, into: Uint8Array, position: number, column: SampleColumn): Promise<void> {
  let done = 0
  while (done < into.length) {
    const { bytesRead } = await file.read(into, done, into.length - done, position + done)
    if (bytesRead === 0) {
      throw new ProblemError({
        kind: 'file',
        code: 'samples-end-early',
        what: `The file of samples ends before its last sample of '${column.name}'`,
        where: { file: column.file, offset: position + done, tensor: column.name },
        mend: 'Make the samples anew from their dataset.',
      })
    }
    done += bytesRead
  }
}

function missing(name: string, columns: ReadonlyMap<string, SampleColumn>): never {
  throw inputProblem({
    code: 'missing-column',
    what: `The samples have no column '${name}'`,
    where: { tensor: name },
    mend: `Add it, or map the model's input to one of ${[...columns.keys()].join(', ')}.`,
  })
}

/** The same numbers in another element type. */
export function castTensor({ dtype, dims, data }: TensorData, to: DType): TensorData {
  if (dtype === to) return { dtype, dims, data }
  return { dtype: to, dims, data: tensorFrom(to, dims, numbersOf(tensorOf(dtype, dims, data))).read() }
}

/** Transposes: axis `perm[i]` becomes axis `i`. Works on elements of whole bytes. */
export function permuteTensor({ dtype, dims, data }: TensorData, perm: readonly number[]): TensorData {
  const size = byteLength(dtype, 1)
  const strides = stridesOf(dims)
  const to = perm.map((axis) => dims[axis] as number)
  const steps = perm.map((axis) => strides[axis] as number)
  const out = new Uint8Array(data.length)
  const at = to.map(() => 0)
  let from = 0
  for (let target = 0; target < out.length; target += size) {
    for (let byte = 0; byte < size; byte++) out[target + byte] = data[from * size + byte] as number
    for (let axis = to.length - 1; axis >= 0; axis--) {
      at[axis] = (at[axis] as number) + 1
      from += steps[axis] as number
      if ((at[axis] as number) < (to[axis] as number)) break
      from -= (steps[axis] as number) * (to[axis] as number)
      at[axis] = 0
    }
  }
  return { dtype, dims: to, data: out }
}

/** Elements from one index of an axis to the next, row-major. */
function stridesOf(dims: readonly number[]): number[] {
  const strides = dims.map(() => 1)
  for (let axis = dims.length - 2; axis >= 0; axis--) strides[axis] = (strides[axis + 1] as number) * (dims[axis + 1] as number)
  return strides
}
