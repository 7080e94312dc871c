import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openModel } from '../../../../core/onnx/read.ts'
import { drive } from '../../../../core/rewrite/drive.ts'
import { expandNorm } from '../../../../core/rules/expand/expand-norm.ts'
import { lifts } from '../../../../core/rules/lift/index.ts'
import { liftMomentsNormalization } from '../../../../core/rules/lift/lift-moments-normalization.ts'
import { inferShapes } from '../../../../core/shapes/infer.ts'
import { canonicalForm } from '../../../../core/structure/canonical-form.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'
import { modelOf } from '../../../support/graph.ts'
import { sharedFolder } from '../../../support/real-models.ts'
import { runModel } from '../../../support/run-model.ts'

/** As Flax writes it: sums without the axis that they run over, which comes back behind the clipped variance. */
const flax = `(x: float32[batch, 5, 8]) -> (y)
s = ReduceSum(x, int64[1] {2}) {keepdims: 0}
m = Mul(s, float32 0.125)
q = Mul(x, x)
t = ReduceSum(q, int64[1] {2}) {keepdims: 0}
u = Mul(t, float32 0.125)
n = Mul(m, m)
d = Sub(u, n)
c = Max(float32 0.0, d)
v = Reshape(c, int64[3] {0, 0, 1})
e = Add(v, float32 0.000001)
r = Sqrt(e)
i = Reciprocal(r)
f = Mul(i, float32[1, 1, 8])
w = Reshape(m, int64[3] {0, 0, 1})
z = Sub(x, w)
y = Mul(z, f)`

const kept = (steps: string) => `(x: float32[2, 5, 8]) -> (y)
m = ReduceMean(x, int64[1] {-1})
q = Pow(x, float32 2.0)
u = ReduceMean(q, int64[1] {-1})
n = Pow(m, float32 2.0)
d = Sub(u, n)
${steps}`

describe('lift-moments-normalization', () => {
  it('reads what Flax writes', () =>
    checkRule(liftMomentsNormalization, {
      before: flax,
      after: `n = lathe.Norm(x) {axis: -1, epsilon: 0.000001, kind: "layer"}
y = Mul(n, float32[1, 1, 8])`,
    }))

  it('reads means that keep their axes, without a scale and without a bound', () =>
    checkRule(liftMomentsNormalization, {
      before: kept('e = Add(d, float32 0.001)\nr = Sqrt(e)\nz = Sub(x, m)\ny = Div(z, r)'),
      after: 'y = lathe.Norm(x) {axis: -1, epsilon: 0.001, kind: "layer"}',
    }))

  it('reads what Keras multiplies out', () =>
    checkRule(liftMomentsNormalization, {
      before: kept(`e = Add(d, float32 0.001)
r = Sqrt(e)
i = Reciprocal(r)
f = Mul(i, float32[8])
a = Mul(x, f)
b = Mul(m, f)
h = Sub(float32[8], b)
y = Add(a, h)`),
      after: `n = lathe.Norm(x) {axis: -1, epsilon: 0.001, kind: "layer"}
s = Mul(n, float32[8])
y = Add(s, float32[8])`,
    }))

  it('reads sums of squares as one operator, over two axes', () =>
    checkRule(liftMomentsNormalization, {
      opsets: 'opset 17',
      before: `(x: float32[2, 4, 8]) -> (y)
s = ReduceSum(x, int64[2] {1, 2}) {keepdims: 1}
m = Div(s, float32 32.0)
t = ReduceSumSquare(x) {axes: [1, 2], keepdims: 1}
u = Div(t, float32 32.0)
n = Mul(m, m)
d = Sub(u, n)
c = Relu(d)
e = Add(c, float32 0.001)
r = Sqrt(e)
i = Div(float32 1.0, r)
z = Sub(x, m)
y = Mul(z, i)`,
      after: 'y = lathe.Norm(x) {axis: -2, epsilon: 0.001, kind: "layer"}',
    }))

  it('reads sums of squared distances', () =>
    checkRule(liftMomentsNormalization, {
      before: `(x: float32[batch, 5, 8]) -> (y)
s = ReduceSum(x, int64[1] {2}) {keepdims: 0}
m = Div(s, float32 8.0)
w = Reshape(m, int64[3] {0, 0, 1})
z = Sub(x, w)
q = Mul(z, z)
t = ReduceSum(q, int64[1] {2}) {keepdims: 1}
u = Div(t, float32 8.0)
e = Add(u, float32 0.001)
r = Sqrt(e)
i = Reciprocal(r)
f = Mul(i, float32[8])
y = Mul(z, f)`,
      after: `n = lathe.Norm(x) {axis: -1, epsilon: 0.001, kind: "layer"}
y = Mul(n, float32[8])`,
    }))

  it('leaves normalizations over other axes than the last', () =>
    checkRejects(
      liftMomentsNormalization,
      flax.replaceAll('{2}', '{1}').replaceAll('{0, 0, 1}', '{0, 1, 8}').replace('[batch, 5, 8]', '[batch, 8, 8]'),
      'the mean does not run over the last axes',
    ))

  it('leaves sums divided by another number', () =>
    checkRejects(
      liftMomentsNormalization,
      flax.replace('u = Mul(t, float32 0.125)', 'u = Mul(t, float32 0.25)'),
      'a sum is not divided by the number of what it sums',
    ))

  it('leaves statistics over different axes', () =>
    checkRejects(
      liftMomentsNormalization,
      kept('e = Add(d, float32 0.001)\nr = Sqrt(e)\nz = Sub(x, m)\ny = Div(z, r)').replace(
        'u = ReduceMean(q, int64[1] {-1})',
        'u = ReduceMean(q, int64[2] {1, 2})',
      ),
      'the means of values and of their squares run over different axes',
    ))

  it('leaves a mean of rows that is taken from columns', () =>
    checkRejects(
      liftMomentsNormalization,
      `(x: float32[8, 8]) -> (y)
m = ReduceMean(x) {axes: [1], keepdims: 0}
q = Mul(x, x)
u = ReduceMean(q) {axes: [1], keepdims: 0}
n = Mul(m, m)
d = Sub(u, n)
e = Add(d, float32 0.001)
r = Sqrt(e)
z = Sub(x, m)
y = Div(z, r)`,
      'mean and deviation are not known to stand where they were taken',
      'opset 17',
    ))

  it('takes in a scale and a shift with axes of size 1 before their own', () => {
    const model = modelOf(`${flax.replace('y = Mul(z, f)', 'y0 = Mul(z, f)\ny = Add(y0, float32[1, 1, 8])')}`)
    drive(model, [...lifts.layerNorm, ...lifts.affine], { infer: inferShapes(model).node })
    expect(model.graph.nodes.map(({ opType, inputs }) => [opType, ...inputs.slice(1).map((input) => input?.constant?.ref.dims)])).toEqual([
      ['Norm', [8], [8]],
    ])
  })

  it('comes nearer to what is meant where the mean is large against the deviation', async () => {
    const source = modelOf(flax)
    const lifted = source.fork()
    drive(lifted, [liftMomentsNormalization], { infer: inferShapes(lifted).node })
    drive(lifted, [expandNorm], { infer: inferShapes(lifted).node })
    lifted.opsets.delete('lathe')
    const values = Float32Array.from({ length: 40 }, (_, i) => 300 + Math.sin(7 * i))
    const feeds = { x: { dtype: 'float32' as const, dims: [1, 5, 8], data: new Uint8Array(values.buffer) } }
    const scale = source.graph.nodes.find(({ inputs }) => inputs[1]?.constant?.ref.dims.join() === '1,1,8')?.inputs[1]?.constant
    const scales = new Float32Array(scale?.read().slice().buffer ?? new ArrayBuffer(0))
    const exact = Array.from({ length: 5 }, (_, row) => {
      const own = [...values.subarray(8 * row, 8 * row + 8)]
      const mean = own.reduce((sum, each) => sum + each, 0) / 8
      const variance = own.reduce((sum, each) => sum + (each - mean) ** 2, 0) / 8
      return own.map((each, i) => ((each - mean) / Math.sqrt(variance + 1e-6)) * (scales[i] as number))
    }).flat()
    const worst = async (model: typeof source) => {
      const { y } = await runModel(model, feeds)
      const found = new Float32Array(y?.data.slice().buffer ?? new ArrayBuffer(0))
      return Math.max(...exact.map((each, i) => Math.abs(each - (found[i] as number))))
    }
    const [before, after] = [await worst(source), await worst(lifted)]
    expect(after).toBeLessThan(1e-4)
    expect(after).toBeLessThan(before / 10)
  })

  const real = join(sharedFolder, 'real-models/standard_v3_3/model.onnx')
  it.skipIf(!existsSync(real))('is found in an export of Flax, with its scale and shift', () => {
    const { lifted } = canonicalForm(openModel(real))
    const counts = ['lift-moments-normalization', 'lift-norm-scale', 'lift-norm-shift'].map(
      (id) => lifted.filter(({ rule }) => rule === id).length,
    )
    expect(counts).toEqual([1, 1, 1])
  })
})
