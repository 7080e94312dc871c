import { describe, expect, it } from 'vitest'
import { ProblemError } from '../../../core/api/problem.ts'
import { fixedSizes, withNamedSizes } from '../../../core/engine/fixed-sizes.ts'
import type { Model } from '../../../core/ir/model.ts'
import type { Dim } from '../../../core/ir/value.ts'
import { modelOf } from '../../support/graph.ts'

/** A model whose input has open sizes as files of other tools have them: without a name, or -1. */
function opened(shape: readonly Dim[] | null): Model {
  const model = modelOf('(x.0: float32[batch, 3, side]) -> (y: float32[batch, 3, side])\ny = Relu(x.0)')
  const [input] = model.graph.inputs
  model.graph.setType(input!, { kind: 'tensor', dtype: 'float32', shape })
  return model
}

const shapeOf = (model: Model) => {
  const type = model.graph.inputs[0]?.type
  return type?.kind === 'tensor' ? type.shape : null
}

describe('open sizes without a name', () => {
  it('get the name of the input and the axis', () => {
    expect(shapeOf(withNamedSizes(opened([null, 3, -1])))).toEqual(['x_0_0', 3, 'x_0_2'])
  })

  it('are fixed like named ones: the first is the batch, others are asked for', () => {
    const model = withNamedSizes(opened([-1, 3, null]))
    expect(() => fixedSizes(model, { asked: {}, samples: null })).toThrow("leaves 'x_0_2' open")
    expect(fixedSizes(model, { asked: { x_0_2: 8 }, samples: null })).toEqual({ x_0_0: 1, x_0_2: 8 })
  })

  it('are none where a name is a number: that is the size', () => {
    const model = withNamedSizes(opened(['1', 3, 'side']))
    expect(shapeOf(model)).toEqual([1, 3, 'side'])
    expect(fixedSizes(model, { asked: { side: 8 }, samples: null })).toEqual({ side: 8 })
  })

  it('leave a model alone that has none', () => {
    const model = opened(['batch', 3, 'side'])
    expect(withNamedSizes(model)).toBe(model)
  })

  it('cannot be named where not even the number of axes is known', () => {
    expect(() => withNamedSizes(opened(null))).toThrow(ProblemError)
  })
})

describe('the number of samples', () => {
  const inputs = '(tokens: float32[batch, length], positions: float32[length]) -> (y: float32[batch, length])\ny = Add(tokens, positions)'

  it('is not a length that comes first in an input of its own', () => {
    expect(() => fixedSizes(modelOf(inputs), { asked: {}, samples: null })).toThrow("leaves 'length' open")
    expect(fixedSizes(modelOf(inputs), { asked: { length: 8 }, samples: null })).toEqual({ batch: 1, length: 8 })
  })

  it('is what comes second in the states of recurrent layers', () => {
    const states = '(x: float32[n, 4], state: float32[2, n, 4]) -> (y)\ny = Add(x, state)'
    expect(fixedSizes(modelOf(states), { asked: {}, samples: null })).toEqual({ n: 1 })
  })
})
