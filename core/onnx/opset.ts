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
