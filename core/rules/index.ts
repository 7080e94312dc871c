import type { Step } from '../rewrite/rule.ts'
import { attention } from './attention/index.ts'
import { branches, convolution } from './convolution/index.ts'
import { expand } from './expand/index.ts'
import { gemm } from './gemm/index.ts'
import { layout } from './layout/index.ts'
import { geluToTanh } from './lift/gelu-to-tanh.ts'
import { lift } from './lift/index.ts'
import { linear } from './linear/index.ts'
import { selection } from './selection/index.ts'
import { tidy } from './tidy/index.ts'

/** Every rule and sweep, by family, each in the order in which they apply at a node. */
export const rules: Readonly<Record<string, readonly Step[]>> = {
  tidy,
  convolution,
  branches,
  gemm,
  linear,
  lift,
  attention,
  selection,
  layout,
  expand,
  /** Only for passes that say that they approximate. */
  approximations: [geluToTanh],
}
