import type { Step } from '../../rewrite/rule.ts'
import { fuseBatchnormIntoConv } from './fuse-batchnorm-into-conv.ts'
import { fuseBatchnormIntoConvTranspose } from './fuse-batchnorm-into-conv-transpose.ts'
import { fuseBatchnormIntoGemm } from './fuse-batchnorm-into-gemm.ts'
import { fuseBatchnormIntoMatmul } from './fuse-batchnorm-into-matmul.ts'
import { fusePadIntoConv } from './fuse-pad-into-conv.ts'
import { fusePadIntoPool } from './fuse-pad-into-pool.ts'
import { fuseScaleIntoConv } from './fuse-scale-into-conv.ts'
import { fuseShiftIntoConv } from './fuse-shift-into-conv.ts'
import { meanToGlobalPool } from './mean-to-global-pool.ts'
import { mergeConvsOfSum } from './merge-convs-of-sum.ts'
import { mergeIdentityBranch } from './merge-identity-branch.ts'
import { mergeParallelConvs } from './merge-parallel-convs.ts'

/** Affine maps and paddings folded into the convolution or product beside them, and poolings by their names. */
export const convolution: readonly Step[] = [
  fuseBatchnormIntoConv,
  fuseBatchnormIntoConvTranspose,
  fuseBatchnormIntoGemm,
  fuseBatchnormIntoMatmul,
  fuseScaleIntoConv,
  fuseShiftIntoConv,
  fusePadIntoConv,
  fusePadIntoPool,
  meanToGlobalPool,
]

/** Parallel branches of one block merged into one convolution (RepVGG: Ding et al., 2021, arXiv:2101.03697). */
export const branches: readonly Step[] = [mergeConvsOfSum, mergeParallelConvs, mergeIdentityBranch]
