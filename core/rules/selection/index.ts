import type { Step } from '../../rewrite/rule.ts'
import { selectBeforeElementwise } from './select-before-elementwise.ts'
import { selectBeforeNorm } from './select-before-norm.ts'
import { selectBeforeProduct } from './select-before-product.ts'
import { selectQueriesFirst } from './select-queries-first.ts'

/** Positions are selected before they are computed and not after: what nobody reads is not computed. */
export const selection: readonly Step[] = [selectBeforeElementwise, selectBeforeNorm, selectBeforeProduct, selectQueriesFirst]
