import { float, floatOf, int, intOf } from '../../ir/attributes.ts'
import type { Node, Value } from '../../ir/value.ts'
import type { Draft } from '../../rewrite/draft.ts'
import { dtypeOf } from '../../shapes/shape-facts.ts'

/** A matrix product as onnxruntime's FusedMatMul writes it. */
export interface Product {
  readonly alpha: number
  readonly transA: number
  readonly transB: number
}

/** The types of nodes that are such products. */
export const products = ['MatMul', 'com.microsoft.FusedMatMul'] as const

export const productOf = (node: Node): Product => ({
  alpha: floatOf(node, 'alpha', 1),
  transA: intOf(node, 'transA', 0),
  transB: intOf(node, 'transB', 0),
})

/** Why a product had better stay a MatMul; `null` when nothing speaks against it. */
export function objectionTo(node: Node, a: Value, b: Value): string | null {
  if (a.constant !== null || b.constant !== null) return 'it multiplies with weights, which quantization wants to see as a MatMul'
  if (dtypeOf(a) !== 'float32' || dtypeOf(b) !== 'float32') return 'it is not in float32'
  const batches = ['transBatchA', 'transBatchB'].some((name) => intOf(node, name, 0) !== 0)
  return batches ? 'its batches are transposed' : null
}

export const draftProduct = (draft: Draft, a: Value, b: Value, { alpha, transA, transB }: Product): Value =>
  draft.op('com.microsoft.FusedMatMul', [a, b], { alpha: float(alpha), transA: int(transA), transB: int(transB) })
