import { describe, expect, it } from 'vitest'
import { ProblemError } from '../../../core/api/problem.ts'
import type { Model } from '../../../core/ir/model.ts'
import { cleanUp } from '../../../core/passes/clean-up.ts'
import { completeShapes, expressionOf } from '../../../core/passes/complete-shapes.ts'
import { inferShapes } from '../../../core/shapes/infer.ts'
import { shapeOf } from '../../../core/shapes/shape-facts.ts'
import { modelOf } from '../../support/graph.ts'
import { workshop } from '../../support/pass-context.ts'

const { context, run } = await workshop()

/** Sizes computed in floats, as exporters write an interpolation by a factor: contents that inference does not follow. */
const doubled = (factor: string) => `(x: float32[n, 3, h, w]) -> (y)
s = Shape(x) {start: 2}
f = Cast(s) {to: 1}
g = Mul(f, float32 ${factor})
c = Floor(g)
i = Cast(c) {to: 7}
nc = Shape(x) {end: 2}
t = Concat(nc, i) {axis: 0}
r = Resize(x, _, _, t) {mode: "nearest"}
y = Relu(r)`

async function completed(text: string, ...names: readonly string[]) {
  const model = modelOf(text)
  inferShapes(model)
  const before = names.map((name) => shapeOf(model.graph.find(name)!))
  const { count, notes } = await completeShapes(model, context())
  return { before, after: names.map((name) => shapeOf(model.graph.find(name)!)), count, notes, model }
}

describe('shapes that inference does not tell', () => {
  it('are found by running at co-prime sizes', async () => {
    const { before, after, notes } = await completed(doubled('2.0'), 'r', 'y')
    expect(before[0]).toEqual(['n', 3, null, null])
    expect(after).toEqual([
      ['n', 3, 'h*2', 'w*2'],
      ['n', 3, 'h*2', 'w*2'],
    ])
    expect(notes).toEqual(['The shape of one value was found by running.'])
  })

  it('stay unknown where they are no sum or product of sizes', async () => {
    const { after, count } = await completed(doubled('0.3'), 'r')
    expect(after).toEqual([['n', 3, null, null]])
    expect(count).toBe(0)
  })

  it('stay unknown behind sizes that go in steps, which few runs do not show', async () => {
    const text = `(x: float32[n, 2, h, w], z: float32[n, 2, h, w]) -> (y)
p = MaxPool(x) {kernel_shape: [2, 2], strides: [256, 256], ceil_mode: 0, pads: [1, 1, 1, 1]}
q = AveragePool(z) {kernel_shape: [2, 2], strides: [255, 255], pads: [1, 1, 1, 1]}
y = Add(p, q)`
    expect((await completed(text, 'y')).after[0]).toEqual(['n', 2, null, null])
  })

  it('stay unknown where data decide them', async () => {
    const text = (of: string) => `(x: float32[n, 4], m: int64[1]) -> (y)\n${of}\ny = Identity(p)`
    for (const of of [
      'z = NonZero(x)\np = Transpose(z) {perm: [1, 0]}',
      'r = Concat(m, int64[1] {-1}) {axis: 0}\np = Expand(x, r)',
      'p = Slice(x, int64[1] {0}, m, int64[1] {0})',
    ])
      expect((await completed(text(of), 'p')).after[0]?.includes(null) ?? true, of).toBe(true)
  })

  it('stay unknown, and are said to, where the model does not run', async () => {
    const text = `(x: float32[n, h], z: float32[m, k]) -> (y)\n${doubled('2.0').split('\n').slice(1, 6).join('\n').replace('start: 2', 'start: 1')}\na = Add(x, z)\nt = ConstantOfShape(i)\ny = Mul(t, a)`
    const { notes } = await completed(text, 'y')
    expect(notes.join()).toMatch(/stay unknown/)
  })

  it('are not waited for where nothing may be run', async () => {
    const refuse = () =>
      Promise.reject(new ProblemError({ kind: 'unsupported', code: 'preview', what: 'Nothing runs', where: {}, mend: '' }))
    const { changed } = await cleanUp.run(
      modelOf(`${doubled('2.0')}\n`.replace('y = Relu(r)', 'e = Identity(r)\ny = Relu(e)')),
      cleanUp.options.parse({}),
      { ...context(), execute: refuse },
    )
    expect(changed).toBe(true)
  })

  it('let clean-up drop views that change nothing', async () => {
    const text = `${doubled('2.0').replace('y = Relu(r)', 'e = Shape(r)\nf2 = Reshape(r, e)\ny = Relu(f2)')}`
    const operators = async (options: object) =>
      ((await run(cleanUp, modelOf(text), options)).parts[0] as Model).graph.nodes.map(({ opType }) => opType)
    expect(await operators({})).not.toContain('Reshape')
    expect(await operators({ shapes: false })).toContain('Reshape')
  })
})

describe('an expression for the sizes that runs show', () => {
  const settings = [
    [2, 3],
    [23, 29],
    [11, 13],
    [5, 7],
  ].map(
    ([a, b]) =>
      new Map([
        ['a', a!],
        ['b', b!],
      ]),
  )
  const of = (work: (a: number, b: number) => number) =>
    expressionOf(
      settings.map((sizes) => work(sizes.get('a')!, sizes.get('b')!)),
      settings,
    )

  it('is a number, a line over a symbol or a product, or a plane over two', () => {
    expect(of(() => 7)).toBe(7)
    expect(of((a) => 3 * a - 1)).toBe('a*3 - 1')
    expect(of((a, b) => 2 * a * b + 4)).toBe('a*b*2 + 4')
    expect(of((a) => a * a)).toBe('a*a')
    expect(of((a, b) => a + 2 * b + 1)).toBe('a + b*2 + 1')
  })

  it('is nothing where none of these holds in all runs', () => {
    expect(of((a) => Math.floor(a / 2))).toBeNull()
    expect(of((a) => Math.min(a, 8))).toBeNull()
    expect(of((a, b) => a * a + b)).toBeNull()
  })
})
