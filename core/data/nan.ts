import type { SampleColumn } from '../runtime/session.ts'
import { readChunks } from './range.ts'
import { sampleBytes } from './samples.ts'

const views = { float32: Float32Array, float64: Float64Array } as const

/**
 * Samples that hold a value which is not a number, each with the array that holds it. Infinities stand: masks are made of them.
 * @param count samples in each column
 */
export async function samplesWithNaN(columns: readonly SampleColumn[], count: number): Promise<ReadonlyMap<number, string>> {
  const found = new Map<number, string>()
  for (const column of columns) {
    const view = views[column.dtype as keyof typeof views]
    const bytes = sampleBytes(column)
    if (view === undefined || column.whole === true || bytes === 0) continue
    let at = 0
    // Chunks hold whole elements: their size is a multiple of every element's.
    for await (const chunk of readChunks(column.file, column.offset, column.offset + count * bytes)) {
      new view(chunk.buffer as ArrayBuffer).forEach((value, index) => {
        if (Number.isNaN(value)) found.set(Math.floor((at + index * view.BYTES_PER_ELEMENT) / bytes), column.name)
      })
      at += chunk.byteLength
    }
  }
  return new Map([...found].sort(([a], [b]) => a - b))
}
