import type { Value } from '../ir/value.ts'
import type { BlockOptions, BlockWeights } from './block-weights.ts'
import type { WeightMatrix } from './weight-matrix.ts'

/** A weight in blocks, and what it was read and stored as. */
export interface BlockConstants {
  readonly weights: BlockWeights
  readonly options: BlockOptions
  readonly channels: number
  readonly depth: number
  /** How the stored constant was read: a square one may be multiplied by as it is and transposed. */
  readonly layout: WeightMatrix['layout']
}

/** Nodes share what is stored of a weight where they read it, and want it stored, alike. */
export const constantsKey = ({ id }: Value, { options, channels, depth, layout }: Omit<BlockConstants, 'weights'>): string =>
  `${id} ${layout} ${channels}x${depth} ${JSON.stringify(options)}`
