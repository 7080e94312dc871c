import { describe, expect, it } from 'vitest'
import { inferShapes } from '../../../core/shapes/infer.ts'
import { shapeOf } from '../../../core/shapes/shape-facts.ts'
import { modelOf } from '../../support/graph.ts'

const shapesOf = (text: string, ...names: readonly string[]) => {
  const model = modelOf(`opset 17\n${text}`)
  inferShapes(model)
  return names.map((name) => {
    const value = model.graph.find(name)
    return value === null ? null : shapeOf(value)
  })
}

describe('what outputs say about inputs', () => {
  it('settles a size of an input that an output has too', () => {
    const border =
      '(past: float32[batch, before, 4], x: float32[batch, seq, 4], mask: float32[batch, total]) -> (all: float32[batch, total, 4], o)'
    const body =
      'all = Concat(past, x) {axis: 1}\nu = Unsqueeze(mask, int64[1] {2})\ny = Mul(all, u)\nz = Relu(mask)\nf = Flatten(y)\no = MatMul(f, z)'
    expect(shapesOf(`${border}\n${body}`, 'y', 'z', 'all')).toEqual([
      ['batch', 'before + seq', 4],
      ['batch', 'before + seq'],
      ['batch', 'total', 4],
    ])
  })

  it('does not take a size to be something of itself', () =>
    expect(shapesOf('(x: float32[n]) -> (y: float32[n], o)\ny = Concat(x, x) {axis: 0}\nz = Relu(x)\no = Neg(z)', 'z')).toEqual([['n']]))

  it('leaves names that no input has, and does not go round in circles', () => {
    const border = '(a: float32[p], b: float32[q], c: float32[r]) -> (x: float32[q], y: float32[p], z: float32[other], o)'
    const body =
      'x = Concat(a, c) {axis: 0}\ny = Concat(b, c) {axis: 0}\nz = Concat(c, c) {axis: 0}\nu = Relu(b)\nv = Relu(a)\no = Concat(u, v) {axis: 0}'
    expect(shapesOf(`${border}\n${body}`, 'u', 'v')).toEqual([['p + r'], ['p']])
  })
})
