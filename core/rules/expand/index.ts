import type { Rule } from '../../rewrite/rule.ts'
import { expandActivation } from './expand-activation.ts'
import { expandNorm } from './expand-norm.ts'

/** The reference definition of every canonical operator: what verification runs, and the lowering of last resort. */
export const expand: readonly Rule[] = [expandActivation, expandNorm]
