import { describe, expect, it } from 'vitest'
import { canonicalForm } from '../../../core/structure/canonical-form.ts'
import { feedForwardsOf } from '../../../core/structure/feed-forward.ts'
import { modelOf } from '../../support/graph.ts'

/** The feed-forward parts of a residual branch: their kinds and the ids of their products, which are their positions. */
const found = (body: string) =>
  feedForwardsOf(canonicalForm(modelOf(`(x: float32[n, s, 8]) -> (y)\n${body}\ny = Add(x, d)`))).map(({ kind, up, down }) => ({
    kind,
    products: [...up, down].map(({ id }) => Number(id)),
  }))
const up = 'u = MatMul(x, float32[8, 16])'
const down = 'd = MatMul(a, float32[16, 8])'

describe('feed-forward parts', () => {
  it.each(['Relu', 'Selu', 'Softplus'])('with %s', (type) =>
    expect(found(`${up}\na = ${type}(u)\n${down}`)).toEqual([{ kind: 'two-matrix', products: [0, 2] }]),
  )

  it('with a bounded ReLU', () =>
    expect(found(`${up}\na = Clip(u, float32 0.0, float32 6.0)\n${down}`)).toEqual([{ kind: 'two-matrix', products: [0, 2] }]))

  it.each(['Mul(r, r)', 'Pow(r, float32 2.0)'])('with the square of a ReLU as %s', (square) =>
    expect(found(`${up}\nr = Relu(u)\na = ${square}\n${down}`)).toEqual([{ kind: 'two-matrix', products: [0, 3] }]),
  )

  it('gated by a sigmoid', () =>
    expect(found(`${up}\nv = MatMul(x, float32[8, 16])\nr = Sigmoid(u)\na = Mul(r, v)\n${down}`)).toEqual([
      { kind: 'gated', products: [0, 1, 4] },
    ]))

  it('are not the layers of a head for boxes, one activation behind the other', () =>
    expect(
      found(
        `${up}\na = Relu(u)\nf = MatMul(a, float32[16, 8])\nb = Add(f, float32[8] {1, 2, 3, 4, 5, 6, 7, 8})\nr = Relu(b)\nd = MatMul(r, float32[8, 8])`,
      ),
    ).toEqual([]))

  it.each(['Conv', 'ConvTranspose'])('are not two convolutions of the kind %s with a slope between them', (type) =>
    expect(
      feedForwardsOf(
        canonicalForm(
          modelOf(
            `(x: float32[1, 8, 9, 8]) -> (y)\nu = ${type}(x, float32[8, 8, 1, 1])\na = PRelu(u, float32[8, 1, 1])\ny = ${type}(a, float32[8, 8, 1, 1])`,
          ),
        ),
      ),
    ).toEqual([]),
  )

  it('are not what a sigmoid closes that comes from elsewhere', () =>
    expect(
      found(`${up}\nm = ReduceMean(x, int64[1] {1}) {keepdims: 1}\nv = MatMul(m, float32[8, 16])\nr = Sigmoid(v)\na = Mul(r, u)\n${down}`),
    ).toEqual([]))
})
