import { checkLowerings } from '../../../support/check-lowering.ts'

checkLowerings({
  'slices put in their places':
    '(x: float32[5, 3], u: float32[2, 3]) -> (y: float32[5, 3])\ni = int64[2, 1] {4, 1}\ny = ScatterND(x, i, u)',
  'slices added':
    '(x: float32[5, 3], u: float32[2, 3]) -> (y: float32[5, 3])\ni = int64[2, 1] {1, 1}\ny = ScatterND(x, i, u) {reduction: "add"}',
  'elements put in their places':
    '(x: float32[4, 3], u: float32[2, 3]) -> (y: float32[4, 3])\ni = int64[2, 3] {0, 1, 2, 3, 0, 1}\ny = ScatterElements(x, i, u)',
})
