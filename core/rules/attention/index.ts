import type { SingleHead } from '../../rewrite/canonical.ts'
import type { Step } from '../../rewrite/rule.ts'
import { boundMask } from './bound-mask.ts'
import { castsBesideHeads } from './casts-beside-heads.ts'
import { liftAttention } from './lift-attention.ts'
import { liftInterleavedRotary } from './lift-interleaved-rotary.ts'
import { liftMergedAttention } from './lift-merged-attention.ts'
import { liftPartialRotary } from './lift-partial-rotary.ts'
import { liftRotary } from './lift-rotary.ts'
import { liftRotaryOfParts } from './lift-rotary-of-parts.ts'
import { liftSingleHeadAttention, liftSingleHeadWhere } from './lift-single-head-attention.ts'
import { liftStandardAttention } from './lift-standard-attention.ts'
import { liftAttentionOfOneQuery, liftUnturnedAttention } from './lift-unturned-attention.ts'
import { maskWindows } from './mask-windows.ts'
import { maskedProductToWhere } from './masked-product-to-where.ts'
import { narrowMask } from './narrow-mask.ts'
import { scaleMask } from './scale-mask.ts'
import { scaleQueries } from './scale-queries.ts'
import { sliceOfPacked } from './slice-of-packed.ts'
import { splitBatchesOfProduct } from './split-batches-of-product.ts'
import { splitBatchesOfScores } from './split-batches-of-scores.ts'
import { tellUnreadAttention } from './tell-unread-attention.ts'
import { turnContext } from './turn-context.ts'
import { viewAfterContext } from './view-after-context.ts'
import { viewAfterSoftmax } from './view-after-softmax.ts'
import { viewGatheredGrid } from './view-gathered-grid.ts'

/** Attention and what surrounds it, in the order in which a match of one makes room for the next. */
export const attention: readonly Step[] = [
  viewGatheredGrid,
  maskedProductToWhere,
  castsBesideHeads,
  sliceOfPacked,
  maskWindows,
  splitBatchesOfScores,
  splitBatchesOfProduct,
  viewAfterSoftmax,
  turnContext,
  viewAfterContext,
  scaleMask,
  boundMask,
  scaleQueries,
  liftRotary,
  liftInterleavedRotary,
  liftRotaryOfParts,
  liftPartialRotary,
  liftAttention,
  liftUnturnedAttention,
  liftStandardAttention,
  liftMergedAttention,
  liftSingleHeadAttention,
  narrowMask,
  tellUnreadAttention,
]

/**
 * The rules for fusing: attention of one head is lifted only where `objection` to it has no sentence, and such as keeps its heads apart only of one
 * query, for else the operator wants more views than it saves products.
 */
export const attentionWhere = (objection: (found: SingleHead) => string | null): readonly Step[] =>
  attention.flatMap((step) => {
    if (step === liftSingleHeadAttention) return [liftSingleHeadWhere(objection)]
    if (step === liftUnturnedAttention) return [liftAttentionOfOneQuery]
    return step === turnContext ? [] : [step]
  })
