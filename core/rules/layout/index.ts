import type { Step } from '../../rewrite/rule.ts'
import { slicesToSplit } from './slices-to-split.ts'

/** How values are taken apart; applied last, because lifts look for the exporters' forms. */
export const layout: readonly Step[] = [slicesToSplit]
