import type { SampleData } from '../../core/data/open.ts'
import type { Workshop } from './pass-context.ts'

export interface NoiseShape {
  readonly name: string
  /** Dims of one sample. */
  readonly dims: readonly number[]
  readonly count: number
}

/** Made-up samples of one float input, the same for calibration and evaluation; `value` gives element `i` of the whole array. */
export async function madeUpData(shop: Workshop, { name, dims, count }: NoiseShape, value: (i: number) => number): Promise<SampleData> {
  const values = Float32Array.from({ length: count * dims.reduce((a, b) => a * b, 1) }, (_, i) => value(i))
  const { id } = await shop.store.put(new Uint8Array(values.buffer))
  const table = { id: `${id} ${name}`, count, inputs: [{ name, dtype: 'float32' as const, dims, file: shop.store.pathOf(id), offset: 0 }] }
  const samples = { table, labels: null, labelColumn: null, description: 'made up' }
  return {
    calibration: samples,
    selection: samples,
    evaluation: samples,
    metric: { kind: 'sqnr' },
    random: true,
    notes: [],
    preparationMs: 0,
  }
}
