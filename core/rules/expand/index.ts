import type { Rule } from '../../rewrite/rule.ts'
import { expandActivation } from './expand-activation.ts'
import { expandAttention } from './expand-attention.ts'
import { expandNorm } from './expand-norm.ts'
import { expandRotary } from './expand-rotary.ts'

/** The reference definition of every canonical operator: what verification runs, and the lowering of last resort. */
export const expand: readonly Rule[] = [expandActivation, expandNorm, expandAttention, expandRotary]
