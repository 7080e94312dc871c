import { type FileHandle, open } from 'node:fs/promises'
import { ProblemError } from '../api/problem.ts'
import { byteLength } from '../ir/dtype.ts'
import { countOf } from '../ir/tensor.ts'
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
