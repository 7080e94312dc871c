import { expect, test } from 'vitest'
import { convert } from '../../../../core/tflite/convert.ts'
import { agreement, frozen } from '../../../support/check-tflite.ts'
import { modelOf } from '../../../support/graph.ts'

const cases: readonly (readonly [equation: string, inputs: readonly string[], result: string])[] = [
  ['ij,jk->ik', ['3,4', '4,5'], '3,5'],
  ['ij,kj->ki', ['3,4', '5,4'], '5,3'],
  ['bhid,bhjd->bhij', ['2,3,4,5', '2,3,6,5'], '2,3,4,6'],
  ['bhij,bjhd->bihd', ['2,3,4,5', '2,5,3,6'], '2,4,3,6'],
  ['i,j->ij', ['3', '4'], '3,4'],
  ['ij->ji', ['3,4'], '4,3'],
  ['ij->i', ['3,4'], '3'],
  ['ij,ij->', ['3,4', '3,4'], ''],
  ['ij,jk', ['3,4', '4,5'], '3,5'],
  ['...ij,...jk->...ik', ['2,1,3,4', '2,6,4,5'], '2,6,3,5'],
  ['abc,cd,def->abf', ['2,3,4', '4,5', '5,2,3'], '2,3,3'],
  ['bij,b->bj', ['2,3,4', '2'], '2,4'],
]

test.each(cases)('%s', async (equation, inputs, result) => {
  const names = inputs.map((_, i) => `x${i}`)
  const { relative } = await agreement(
    modelOf(`opset 17
(${inputs.map((dims, i) => `x${i}: float32[${dims}]`).join(', ')}) -> (y: float32[${result}])
y = Einsum(${names.join(', ')}) {equation: "${equation}"}`),
  )
  expect(relative).toBeLessThan(1e-5)
})

test('a diagonal is refused in a sentence', () => {
  const { unsupported } = convert(frozen(modelOf('(x: float32[3, 3]) -> (y: float32[3])\ny = Einsum(x) {equation: "ii->i"}')), {
    nhwc: false,
  })
  expect(unsupported[0]?.reason).toBe("the equation 'ii->i' takes a diagonal")
})
