import type { Step } from '../../rewrite/rule.ts'
import { einsumToMatmul } from './einsum-to-matmul.ts'
import { gemmOnRowsToMatmul } from './gemm-on-rows-to-matmul.ts'
import { matmulOnRowsToMatmul } from './matmul-on-rows-to-matmul.ts'

/** Matrix products in the form that later rules look for. */
export const linear: readonly Step[] = [gemmOnRowsToMatmul, matmulOnRowsToMatmul, einsumToMatmul]
