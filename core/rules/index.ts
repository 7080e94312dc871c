import type { Step } from '../rewrite/rule.ts'
import { tidy } from './tidy/index.ts'

/** Every rule and sweep, by family, each in the order in which they apply at a node. */
export const rules: Readonly<Record<string, readonly Step[]>> = { tidy }
