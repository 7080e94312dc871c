import type { Pass } from '../pass.ts'
import { approximateGelu } from './approximate-gelu.ts'
import { awqScale } from './awq-scale.ts'
import { cleanUp } from './clean-up.ts'
import { convertFloat16 } from './convert-float16.ts'
import { equalizeLayers } from './equalize-layers.ts'
import { freezeShapes } from './freeze-shapes.ts'
import { fuse } from './fuse.ts'
import { mixedPrecision } from './mixed-precision.ts'
import { quantizeDynamic } from './quantize-dynamic.ts'
import { quantizeStatic } from './quantize-static.ts'
import { quantizeWeights } from './quantize-weights.ts'
import { reparameterize } from './reparameterize.ts'
import { smoothQuant } from './smooth-quant.ts'

/** Every pass a pipeline may name, in the order in which they are shown. */
export const catalogue: readonly Pass[] = [
  cleanUp,
  freezeShapes,
  fuse,
  reparameterize,
  approximateGelu,
  smoothQuant,
  awqScale,
  equalizeLayers,
  quantizeDynamic,
  quantizeStatic,
  quantizeWeights,
  mixedPrecision,
  convertFloat16,
]
