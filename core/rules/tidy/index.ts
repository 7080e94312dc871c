import type { Step } from '../../rewrite/rule.ts'
import { cancelInverses } from './cancel-inverses.ts'
import { castLikeToCast } from './cast-like-to-cast.ts'
import { constantReshape } from './constant-reshape.ts'
import { constantRowsToPad } from './constant-rows-to-pad.ts'
import { dropDeadCode } from './drop-dead-code.ts'
import { dropDropout } from './drop-dropout.ts'
import { dropExpandBeforeBroadcast } from './drop-expand-before-broadcast.ts'
import { dropExpandBeforeGather } from './drop-expand-before-gather.ts'
import { dropIdentity } from './drop-identity.ts'
import { dropNeutralArithmetic } from './drop-neutral-arithmetic.ts'
import { dropNoOpCast } from './drop-no-op-cast.ts'
import { dropNoOpExpand } from './drop-no-op-expand.ts'
import { dropNoOpPad } from './drop-no-op-pad.ts'
import { dropNoOpReshape } from './drop-no-op-reshape.ts'
import { dropNoOpSlice } from './drop-no-op-slice.ts'
import { dropNoOpTranspose } from './drop-no-op-transpose.ts'
import { dropSingleInput } from './drop-single-input.ts'
import { dropSplitConcat } from './drop-split-concat.ts'
import { dropSumWithZeros } from './drop-sum-with-zeros.ts'
import { foldKnown } from './fold-known.ts'
import { gatherToSlice } from './gather-to-slice.ts'
import { inlineKnownIf } from './inline-known-if.ts'
import { knownWhere } from './known-where.ts'
import { mergeCasts } from './merge-casts.ts'
import { mergeClips } from './merge-clips.ts'
import { mergeCommonSubexpressions } from './merge-common-subexpressions.ts'
import { mergeConcats } from './merge-concats.ts'
import { mergeConstantFactors } from './merge-constant-factors.ts'
import { mergeConstantTerms } from './merge-constant-terms.ts'
import { mergeEqualConstants } from './merge-equal-constants.ts'
import { mergeEqualContents } from './merge-equal-contents.ts'
import { mergeRepeats } from './merge-repeats.ts'
import { mergeTransposes } from './merge-transposes.ts'
import { mergeViews } from './merge-views.ts'
import { subtractInsteadOfNegate } from './subtract-instead-of-negate.ts'
import { transposeThroughViews } from './transpose-through-views.ts'
import { transposeToReshape } from './transpose-to-reshape.ts'
import { whereToConcat } from './where-to-concat.ts'
import { whereWithoutNot } from './where-without-not.ts'

/** What removes work without changing a single number. */
const exact: readonly Step[] = [
  dropIdentity,
  dropDropout,
  dropNoOpCast,
  mergeCasts,
  castLikeToCast,
  dropNoOpTranspose,
  mergeTransposes,
  dropNoOpReshape,
  dropNoOpExpand,
  dropNoOpSlice,
  dropNoOpPad,
  dropSingleInput,
  dropSplitConcat,
  mergeConcats,
  mergeViews,
  transposeToReshape,
  transposeThroughViews,
  constantReshape,
  constantRowsToPad,
  dropExpandBeforeBroadcast,
  dropExpandBeforeGather,
  dropNeutralArithmetic,
  dropSumWithZeros,
  cancelInverses,
  mergeRepeats,
  mergeClips,
  subtractInsteadOfNegate,
  gatherToSlice,
  knownWhere,
  whereToConcat,
  whereWithoutNot,
  inlineKnownIf,
  foldKnown,
  mergeEqualContents,
  dropDeadCode,
  mergeEqualConstants,
  mergeCommonSubexpressions,
]

/** What moves the last digits: arithmetic with constants in another order. */
const rounding: readonly Step[] = [mergeConstantFactors, mergeConstantTerms]

export const tidy: readonly Step[] = [...exact, ...rounding]
