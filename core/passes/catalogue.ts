import type { Pass } from '../pass.ts'
import { cleanUp } from './clean-up.ts'
import { convertFloat16 } from './convert-float16.ts'
import { quantizeDynamic } from './quantize-dynamic.ts'

/** Every pass a pipeline may name, in the order in which they are shown. */
export const catalogue: readonly Pass[] = [cleanUp, quantizeDynamic, convertFloat16]

/** The pass of an id; `null` when there is none. */
export const passOf = (id: string): Pass | null => catalogue.find((pass) => pass.id === id) ?? null
