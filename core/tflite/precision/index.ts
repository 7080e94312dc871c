import type { tfliteWeights } from '../../api/requests.ts'
import type { Converted, ConvertedBorder } from '../convert.ts'
import type { TfliteFile } from '../file.ts'
import { withEightBitBorders } from './eight-bit-borders.ts'
import { withHalfWeights } from './half-weights.ts'
import { withHybridWeights } from './hybrid-weights.ts'

/**
 * How the float weights of a model are stored. `float16`: half the size, computed in float32. `int8`: with a scale an output channel, and matrix
 * products and convolutions quantize their inputs while they run (dynamic range). `int4`: the same in 4 bits for matrix products, 8 for the rest.
 */
export type WeightPrecision = (typeof tfliteWeights)[number]

/** The file with its float weights stored in fewer bits. */
export function withWeights(file: TfliteFile, precision: WeightPrecision): TfliteFile {
  if (precision === 'float32') return file
  return precision === 'float16' ? withHalfWeights(file) : withHybridWeights(file, precision === 'int8' ? 8 : 4)
}

/** The conversion with 8-bit borders where the graph behind them computes in 8 bits. */
export function eightBitBorders({ file, inputs, outputs }: Converted): Converted {
  const made = withEightBitBorders(file)
  const [main] = made.subgraphs
  const retyped = (borders: readonly ConvertedBorder[], at: readonly number[] = []) =>
    borders.map((border, i) => ({ ...border, to: main?.tensors[at[i] as number]?.dtype ?? border.to }))
  return { file: made, inputs: retyped(inputs, main?.inputs), outputs: retyped(outputs, main?.outputs) }
}
