import { expect, it } from 'vitest'
import { opClassOf } from '../../../renderer/model-view/op-class.ts'

it('takes a change of element type for what it is, not for quantization', () => {
  expect(['Cast', 'CastLike'].map(opClassOf)).toEqual(['tensor', 'tensor'])
  expect(opClassOf('QuantizeLinear')).toBe('quant')
})
