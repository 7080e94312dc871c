import type { Step } from '../../rewrite/rule.ts'
import { dropLeadingOnes } from './drop-leading-ones.ts'
import { outerProduct } from './outer-product.ts'
import { slicesToSplit } from './slices-to-split.ts'
import { transposeBeforeProduct } from './transpose-before-product.ts'
import { viewsBeforeElementwise } from './views-before-elementwise.ts'
import { viewsBeforeProduct } from './views-before-product.ts'

/** How values are seen and taken apart; applied last, because lifts look for the exporters' forms. */
export const layout: readonly Step[] = [
  slicesToSplit,
  outerProduct,
  transposeBeforeProduct,
  viewsBeforeElementwise,
  viewsBeforeProduct,
  dropLeadingOnes,
]
