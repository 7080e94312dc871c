import type { DType } from '../ir/dtype.ts'
import type { Model } from '../ir/model.ts'
import { allValues } from '../ir/walk.ts'

/** Newest version of the standard operator set and of the file format that this version of Lathe knows. */
export const newestOpset = 28
export const newestIr = 14
export const oldestOpset = 7
export const oldestIr = 3

/** [opset, IR version] as ONNX released them together: an opset needs at least this IR version. */
const releases: readonly (readonly [opset: number, ir: number])[] = [
  [28, 14],
  [25, 13],
  [24, 12],
  [23, 11],
  [21, 10],
  [19, 9],
  [15, 8],
  [12, 7],
  [11, 6],
  [10, 5],
  [9, 4],
]

/** The oldest IR version that a version of the standard operator set was released with. */
export const irForOpset = (opset: number): number => releases.find(([from]) => opset >= from)?.[1] ?? oldestIr

/** The IR version that brought an element type; older ones have had theirs from the start. */
const irOfType: Partial<Record<DType, number>> = {
  float8e4m3fn: 9,
  float8e4m3fnuz: 9,
  float8e5m2: 9,
  float8e5m2fnuz: 9,
  int4: 10,
  uint4: 10,
  float4e2m1: 11,
  float8e8m0: 12,
  int2: 13,
  uint2: 13,
  float6e2m3: 14,
  float6e3m2: 14,
}

/** The oldest IR version that has the element types of a model's constants and values. */
export function irForTypes(model: Model): number {
  let ir = oldestIr
  for (const { type } of allValues(model.graph)) if (type?.kind === 'tensor') ir = Math.max(ir, irOfType[type.dtype] ?? oldestIr)
  return ir
}
