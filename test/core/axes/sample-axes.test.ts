import { describe, expect, it } from 'vitest'
import { sampleAxes } from '../../../core/axes/sample-axes.ts'
import { graphText } from '../../../core/ir/text.ts'
import { modelOf } from '../../support/graph.ts'

const found = (text: string) => {
  const { of, symbols } = sampleAxes(modelOf(`opset 18\n${text}`).graph)
  return { ...Object.fromEntries(of), symbols: [...symbols] }
}

describe('axes that count samples', () => {
  it('are the first ones, open or of size 1', () => {
    expect(
      found('(x: float32[n, 4], c: float32[1, 4], k: float32[3, 4], s: float32) -> (y)\na = Add(x, c)\nb = MatMul(k, a)\ny = Mul(b, s)'),
    ).toEqual({ x: 0, c: 0, k: null, s: null, symbols: ['n'] })
  })

  it('are not those that another input has further in', () => {
    expect(found('(ids: float32[batch, length], at: float32[length]) -> (y)\ny = Add(ids, at)')).toEqual({
      ids: 0,
      at: null,
      symbols: ['batch'],
    })
  })

  it('are followed to the states of recurrent layers, whatever they are called', () => {
    const text = `(x: float32[?, ?, 4], h: float32[?, ?, 6], c: float32[2, tuples, 6]) -> (y)
      t = Transpose(x) {perm: [1, 0, 2]}
      y = LSTM(t, float32[2, 24, 4], float32[2, 24, 6], _, _, h, c) {hidden_size: 6, direction: "bidirectional"}`
    expect(found(text)).toEqual({ x: 0, h: 1, c: 1, symbols: ['tuples'] })
  })

  it('are the second ones of what a recurrent layer steps along', () => {
    const steps =
      '(x: float32[steps, many, 4], state: float32[1, many, 6]) -> (y)\ny = GRU(x, float32[1, 18, 4], float32[1, 18, 6], _, _, state) {hidden_size: 6}'
    expect(found(steps)).toEqual({ x: 1, state: 1, symbols: ['many'] })
    const first =
      '(x: float32[many, steps, 4], state: float32[many, 1, 6]) -> (y)\ny = GRU(x, float32[1, 18, 4], float32[1, 18, 6], _, _, state) {hidden_size: 6, layout: 1}'
    expect(found(first)).toEqual({ x: 0, state: 0, symbols: ['many'] })
  })

  it('are the second ones of a state that something unknown takes, where these have no name or are called so', () => {
    expect(found('(a: float32[2, ?, 8], b: float32[2, batch, 8], c: float32[2, size, 8]) -> (y)\ny = Mul(a, c)\nz = Neg(b)')).toEqual({
      a: 1,
      b: 1,
      c: null,
      symbols: [],
    })
  })

  it('are none of inputs of which nothing is known, or that have a default', () => {
    expect(found('(x: float32[...]) -> (y)\ny = Relu(x)')).toEqual({ symbols: [] })
  })

  it('are found without changing the graph', () => {
    const model = modelOf('opset 18\n(x: float32[?, ?]) -> (y)\ny = Relu(x)')
    const before = graphText(model.graph)
    sampleAxes(model.graph)
    expect(graphText(model.graph)).toBe(before)
  })
})
