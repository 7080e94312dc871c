import { closeSync, openSync, readSync } from 'node:fs'
import { byteLength } from '../ir/dtype.ts'
import { countOf } from '../ir/tensor.ts'
import type { PassContext } from '../pass.ts'

type Feeds = Parameters<PassContext['execute']>[1]
type SampleTable = NonNullable<NonNullable<PassContext['dataset']>['calibration']>

/** The first samples of a table as one batch. */
export function firstSamples({ count, inputs }: SampleTable, most: number): { readonly feeds: Feeds; readonly count: number } {
  const rows = inputs.some(({ whole }) => whole) ? 1 : Math.min(count, most)
  const feeds = inputs.map(({ name, dtype, dims, file, offset, whole }) => {
    const shape = whole ? dims : [rows, ...dims]
    return [name, { dtype, dims: shape, data: read(file, offset, byteLength(dtype, countOf(shape))) }] as const
  })
  return { feeds: Object.fromEntries(feeds), count: rows }
}

function read(path: string, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  const file = openSync(path, 'r')
  try {
    for (let done = 0; done < length; ) {
      const taken = readSync(file, bytes, done, length - done, offset + done)
      if (taken === 0) throw new RangeError(`${path} ends before its samples`)
      done += taken
    }
    return bytes
  } finally {
    closeSync(file)
  }
}
