import type { Model } from '../ir/model.ts'
import { referencesOf } from '../ir/reference.ts'
import type { Node } from '../ir/value.ts'
import { allNodes } from '../ir/walk.ts'
import { tableRuntime } from './kernels.ts'

/**
 * Operators whose newest version has no kernel in the runtime that `tableRuntime` names, and no function body either, by the last operator set
 * in which they run. Found by comparing its registry of CPU kernels with the versions of all operators of the standard: a kernel without a last
 * version takes the version it was registered for and no later one. The tests run each of them in both sets.
 */
export const lastWithKernel: Readonly<Record<string, number>> = {
  GlobalLpPool: 21,
  MaxRoiPool: 21,
  Multinomial: 21,
  RandomNormal: 21,
  RandomNormalLike: 21,
  RandomUniform: 21,
  RandomUniformLike: 21,
  RoiAlign: 21,
}

export interface KernelLimit {
  readonly opset: number
  /** The node that holds the model there, as others refer to it. */
  readonly node: string
  /** A sentence without its full stop: which operator has no kernel in a newer one. */
  readonly why: string
}

/** The newest operator set in which the runtime has kernels for a model that it runs now; `null` where none of its operators ends. */
export function kernelLimit(model: Model): KernelLimit | null {
  let limit: { readonly opset: number; readonly node: Node } | null = null
  for (const node of allNodes(model.graph)) {
    const opset = node.domain === '' && Object.hasOwn(lastWithKernel, node.opType) ? lastWithKernel[node.opType] : undefined
    // In a newer set already: the runtime does not run it as it is.
    if (opset === undefined || opset < model.opset) continue
    if (limit === null || opset < limit.opset) limit = { opset, node }
  }
  if (limit === null) return null
  const { opset } = limit
  const node = referencesOf(model).get(limit.node) ?? limit.node.id
  return { opset, node, why: `${tableRuntime} has no kernel for ${limit.node.opType} (${node}) from operator set ${opset + 1} on` }
}
