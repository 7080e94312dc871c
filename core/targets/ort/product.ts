import { float, floatOf, int, intOf } from '../../ir/attributes.ts'
import type { Node, Value } from '../../ir/value.ts'
import type { Draft } from '../../rewrite/draft.ts'
import { dtypeOf } from '../../shapes/shape-facts.ts'

/** A matrix product as onnxruntime's FusedMatMul writes it. */
export interface Product {
  readonly alpha: number
  readonly transA: number
  readonly transB: number
  readonly transBatchA: number
  readonly transBatchB: number
}

/** The types of nodes that are such products. */
export const products = ['MatMul', 'com.microsoft.FusedMatMul'] as const

export const productOf = (node: Node): Product => ({
  alpha: floatOf(node, 'alpha', 1),
  transA: intOf(node, 'transA', 0),
  transB: intOf(node, 'transB', 0),
  transBatchA: intOf(node, 'transBatchA', 0),
  transBatchB: intOf(node, 'transBatchB', 0),
})

/** Why a product had better stay a MatMul; `null` when nothing speaks against it. */
export function objectionTo(a: Value, b: Value): string | null {
  if (a.constant !== null || b.constant !== null) return 'it multiplies with weights, which quantization wants to see as a MatMul'
  return dtypeOf(a) === 'float32' && dtypeOf(b) === 'float32' ? null : 'it is not in float32'
}

export function draftProduct(draft: Draft, a: Value, b: Value, { alpha, transA, transB, transBatchA, transBatchB }: Product): Value {
  const batches = { ...(transBatchA === 0 ? {} : { transBatchA: int(1) }), ...(transBatchB === 0 ? {} : { transBatchB: int(1) }) }
  return draft.op('com.microsoft.FusedMatMul', [a, b], { alpha: float(alpha), transA: int(transA), transB: int(transB), ...batches })
}
