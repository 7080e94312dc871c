import { describe, expect, it } from 'vitest'
import { type Axes, axesOf } from '../../../core/axes/axes.ts'
import type { Value } from '../../../core/ir/value.ts'
import { inferShapes } from '../../../core/shapes/infer.ts'
import { modelOf } from '../../support/graph.ts'

interface Traced {
  readonly axes: Axes
  at(name: string, axis: number): { value: Value; axis: number }
  same(one: readonly [string, number], other: readonly [string, number]): boolean
  /** The sizes of the factors of each axis. */
  sizes(name: string): unknown
}

function traced(text: string): Traced {
  const model = modelOf(`opset 18, com.microsoft 1\n${text}`)
  inferShapes(model)
  const axes = axesOf(model.graph)
  const at = (name: string, axis: number) => ({ value: model.graph.find(name) as Value, axis })
  return {
    axes,
    at,
    same: (one, other) => axes.same(at(...one), at(...other)),
    sizes: (name) => axes.of(at(name, 0).value)?.map((factors) => factors.map(({ size }) => size)),
  }
}

describe('axes', () => {
  it('follow heads through views, a permutation and products', () => {
    const { same, sizes } = traced(`(x: float32[batch, seq, 12]) -> (y)
q = MatMul(x, float32[12, 12])
r = Reshape(q, int64[4] {0, 0, 3, 4})
h = Transpose(r) {perm: [0, 2, 1, 3]}
k = Transpose(h) {perm: [0, 1, 3, 2]}
s = MatMul(h, k)
p = Softmax(s)
c = MatMul(p, h)
t = Transpose(c) {perm: [0, 2, 1, 3]}
y = Reshape(t, int64[3] {0, 0, 12})`)
    expect(sizes('h')).toEqual([['batch'], [3], ['seq'], [4]])
    expect(sizes('q')).toEqual([['batch'], ['seq'], [3, 4]])
    expect(same(['y', 2], ['q', 2])).toBe(true)
    expect(same(['s', 2], ['x', 1])).toBe(true)
    expect(same(['y', 0], ['x', 0])).toBe(true)
    expect(same(['x', 2], ['q', 2])).toBe(false)
  })

  it('take an axis apart that a view merged, in the order in which it did', () => {
    const { same, sizes } = traced(`(x: float32[batch, 3, 5]) -> (y, z)
m = Reshape(x, int64[2] {-1, 5})
y = Reshape(m, int64[3] {-1, 3, 5})
z = Reshape(x, int64[2] {-1, 15})`)
    expect(sizes('m')).toEqual([['batch', 3], [5]])
    expect(same(['y', 0], ['x', 0])).toBe(true)
    expect(same(['y', 1], ['x', 1])).toBe(true)
    expect(sizes('z')).toEqual([['batch'], [3, 5]])
  })

  it('know where joined parts begin, and find a part again that is cut out', () => {
    const { axes, at, same } = traced(`(a: float32[2, 3, 5], b: float32[2, 4, 5]) -> (p, q, r, s)
j = Concat(a, b) {axis: 1}
p, q = Split(j, int64[2] {3, 4}) {axis: 1}
r = Slice(j, int64[1] {3}, int64[1] {7}, int64[1] {1}, int64[1] {1})
s = Slice(j, int64[1] {1}, int64[1] {4}, int64[1] {1}, int64[1] {1})`)
    const [joined] = axes.of(at('j', 0).value)?.[1] ?? []
    expect(joined?.birth).toMatchObject({ kind: 'joined', parts: [{ offset: 0 }, { offset: 3 }] })
    expect(same(['p', 1], ['a', 1])).toBe(true)
    expect(same(['q', 1], ['b', 1])).toBe(true)
    expect(same(['r', 1], ['b', 1])).toBe(true)
    expect(same(['s', 1], ['a', 1])).toBe(false)
    expect(axes.of(at('s', 0).value)?.[1]?.[0]?.birth).toMatchObject({ kind: 'cut', offset: 1 })
    expect(same(['s', 2], ['b', 2])).toBe(true)
  })

  it('meet where operators broadcast', () => {
    const { same } = traced(`(x: float32[2, 3, 5], m: float32[2, 1, 5], c: float32[3, 1]) -> (y)
a = Add(x, m)
y = Mul(a, c)`)
    expect(same(['y', 1], ['c', 0])).toBe(true)
    expect(same(['m', 2], ['x', 2])).toBe(true)
    expect(same(['m', 0], ['c', 0])).toBe(false)
  })

  it('tell repeated axes, also once they are merged', () => {
    const { axes, at, sizes } = traced(`(k: float32[batch, 2, seq, 4]) -> (y)
u = Unsqueeze(k, int64[1] {2})
s = Shape(k)
b = Gather(s, int64[1] {0})
n = Gather(s, int64[1] {2})
e = Concat(b, int64[2] {2, 3}, n, int64[1] {4}) {axis: 0}
w = Expand(u, e)
d = Concat(b, int64[1] {6}, n, int64[1] {4}) {axis: 0}
y = Reshape(w, d)`)
    expect(sizes('y')).toEqual([['batch'], [2, 3], ['seq'], [4]])
    expect(axes.of(at('y', 0).value)?.[1]?.map(({ birth }) => birth.kind)).toEqual(['own', 'repeated'])
  })

  it('follow channels through convolutions, depthwise ones and normalizations', () => {
    const { same } = traced(`(x: float32[batch, 4, 9, 9]) -> (y)
c = Conv(x, float32[6, 4, 3, 3]) {pads: [1, 1, 1, 1]}
n = BatchNormalization(c, float32[6], float32[6], float32[6], float32[6] positive)
d = Conv(n, float32[6, 1, 3, 3]) {group: 6, strides: [2, 2]}
g = GlobalAveragePool(d)
f = Flatten(g)
y = Gemm(f, float32[10, 6]) {transB: 1}`)
    expect(same(['d', 1], ['c', 1])).toBe(true)
    expect(same(['f', 1], ['c', 1])).toBe(true)
    expect(same(['c', 1], ['x', 1])).toBe(false)
    expect(same(['c', 2], ['x', 2])).toBe(true)
    expect(same(['d', 2], ['c', 2])).toBe(false)
    expect(same(['y', 0], ['x', 0])).toBe(true)
  })

  it('give birth to axes behind operators that they do not know', () => {
    const { same } = traced(`(x: float32[4, 4]) -> (y)
y = Det(x)
t = TopK(x, int64[1] {4})`)
    expect(same(['t', 0], ['x', 0])).toBe(false)
  })

  it('never divide by chance: factors have to fall on the borders of a view', () => {
    const { sizes } = traced(`(x: float32[4, 6]) -> (y)
y = Reshape(x, int64[2] {6, 4})`)
    expect(sizes('y')).toEqual([[6], [4]])
    expect(sizes('x')).toEqual([[4], [6]])
  })
})
