import type { Step } from '../../rewrite/rule.ts'
import { fuseSumIntoGemm } from './fuse-sum-into-gemm.ts'
import { fuseTransposeIntoGemm } from './fuse-transpose-into-gemm.ts'
import { fuseTransposeOfGemm } from './fuse-transpose-of-gemm.ts'

/** What stands around a Gemm and can be part of it. */
export const gemm: readonly Step[] = [fuseSumIntoGemm, fuseTransposeIntoGemm, fuseTransposeOfGemm]
