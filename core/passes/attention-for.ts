import type { Target } from '../api/pipeline.ts'
import type { Step } from '../rewrite/rule.ts'
import { attentionWhere } from '../rules/attention/index.ts'
import { objectionToSingleHead } from '../targets/single-head.ts'

/** The rules that lift attention, where an operator for it is not slower on the target. */
export const attentionFor = (target: Target): readonly Step[] => attentionWhere((found) => objectionToSingleHead(target, found))
