import { halvesOf } from '../../quantize/half.ts'
import type { TfliteFile } from '../file.ts'
import { floatsIn, withNarrowed } from './constants.ts'

/** Constants with fewer elements save nothing worth an operator. */
const fewest = 64

/** Constants stored in float16, made float32 where they are read: half the size. Ones with values beyond float16 stay. */
export function withHalfWeights(file: TfliteFile): TfliteFile {
  return withNarrowed(file, (constant) => {
    const floats = floatsIn(constant)
    if (floats.length < fewest) return null
    const { values, clamped } = halvesOf(floats)
    if (clamped > 0) return null
    return { dtype: 'float16', data: new Uint8Array(values.buffer), quantization: null, takes: () => false }
  })
}
