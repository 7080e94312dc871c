import { describe, expect, it } from 'vitest'
import { tensorOf } from '../../../../core/ir/tensor.ts'
import { mergeCommonSubexpressions } from '../../../../core/rules/tidy/merge-common-subexpressions.ts'
import { checkLeaves, checkRule } from '../../../support/check-rule.ts'
import { modelOf } from '../../../support/graph.ts'

describe('merge-common-subexpressions', () => {
  it('computes once', () =>
    checkRule(mergeCommonSubexpressions, {
      before: `(x: float32[2, 3]) -> (y)
a = Transpose(x) {perm: [1, 0]}
b = Transpose(x) {perm: [1, 0]}
p = Relu(a)
q = Relu(b)
y = Add(p, q)`,
      after: `%1 = Transpose(x) {perm: [1, 0]}
%2 = Relu(%1)
y = Add(%2, %2)`,
    }))

  it('computes once what small tensors in attributes say alike', () =>
    checkRule(mergeCommonSubexpressions, {
      before: `(n: int64[1], x: float32[length]) -> (y)
a = ConstantOfShape(n) {value: float32[1] {2.5}}
b = ConstantOfShape(n) {value: float32[1] {2.5}}
p = Add(a, x)
y = Mul(b, p)`,
      after: `%1 = ConstantOfShape(n) {value: float32[1] {2.5}}
%2 = Add(%1, x)
y = Mul(%1, %2)`,
      sizes: new Map([['length', 1]]),
    }))

  it('keeps what attributes tell apart', () =>
    checkLeaves(
      mergeCommonSubexpressions,
      `(x: float32[2, 2]) -> (y)
a = Softmax(x) {axis: 0}
b = Softmax(x) {axis: 1}
y = Add(a, b)`,
    ))

  it('keeps numbers apart that JSON writes alike', () => {
    const twice = (one: string, other: string) =>
      checkLeaves(
        mergeCommonSubexpressions,
        `(x: float32[2, 2]) -> (y)
a = LeakyRelu(x) {alpha: ${one}}
b = LeakyRelu(x) {alpha: ${other}}
y = Add(a, b)`,
      )
    twice('inf', '-inf')
    twice('nan', 'inf')
    twice('-0.0', '0.0')
  })

  it('compares lists of tensors by what is in them', () => {
    const model = modelOf(`opset 21
(x: float32[2]) -> (p, q, r)
p, q, r = Split(x)`)
    const [value] = model.graph.inputs
    const own = (bits: number[]) => {
      const tensor = tensorOf('uint8', [bits.length], Uint8Array.from(bits))
      const attributes = { tables: { type: 'tensors', value: [tensor] } } as const
      return model.graph.addNode({ domain: 'ai.onnx.ml', opType: 'LabelEncoder', inputs: [value!], attributes })
    }
    const [first, same, other] = [own([1, 2]), own([1, 2]), own([1, 3])]
    expect(mergeCommonSubexpressions.sweep(model)).toBe(1)
    expect(model.graph.nodes.includes(same)).toBe(false)
    expect(model.graph.nodes).toEqual(expect.arrayContaining([first, other]))
  })

  it('keeps random operators apart', () =>
    checkLeaves(
      mergeCommonSubexpressions,
      `(x: float32[2, 2]) -> (y)
a = RandomNormalLike(x)
b = RandomNormalLike(x)
y = Add(a, b)`,
    ))

  it('keeps apart what nobody here knows to be a function of its inputs', () => {
    for (const type of ['mine.Counted', 'com.microsoft.PythonOp', 'com.microsoft.BiasDropout', 'ai.onnx.contrib.Logged'])
      checkLeaves(
        mergeCommonSubexpressions,
        `(x: float32[2, 2]) -> (y)
a = ${type}(x)
b = ${type}(x)
y = Add(a, b)`,
      )
  })

  it('keeps two outputs of the model apart', () =>
    checkLeaves(
      mergeCommonSubexpressions,
      `(x: float32[2, 2]) -> (y, z)
y = Relu(x)
z = Relu(x)`,
    ))
})
