import { describe, expect, it } from 'vitest'
import { ProblemError } from '../../../core/api/problem.ts'
import { notATensor, runtimeFailure, unsupportedType } from '../../../core/runtime/failure.ts'

const read = (message: string) => runtimeFailure(new Error(message), { step: 'load', file: 'm.onnx' }).problem

describe('messages of the runtime', () => {
  it.each([
    [
      "Non-zero status code returned while running MatMul node. Name:'mm1' Status Message: matmul_helper.h:59 Compute left operand cannot broadcast on dim 1",
      'mm1',
      'MatMul: matmul_helper.h:59 Compute left operand cannot broadcast on dim 1',
    ],
    [
      "Could not find an implementation for MatMul(13) node with name 'dense/7'",
      'dense/7',
      'MatMul(13): no kernel for it on this provider',
    ],
    [
      'Load model from /a/b.onnx failed:Node (add_1) Op (Add) [ShapeInferenceError] Incompatible dimensions',
      'add_1',
      'Add: [ShapeInferenceError] Incompatible dimensions',
    ],
    [
      'Load model from m.onnx failed:This is an invalid model. In Node, ("n", Foo, "", -1) : ("x": tensor(float),) -> ("y": tensor(float),) , Error No Op registered for Foo with domain_version of 17',
      'n',
      'Foo: No Op registered for Foo with domain_version of 17',
    ],
  ])('name the node: %s', (message, node, reason) => {
    const problem = read(message)
    expect(problem.where).toEqual({ file: 'm.onnx', node })
    expect(problem.what).toBe(`onnxruntime could not load the model: ${reason}`)
    expect(problem.details).toBe(message)
  })

  it('lose the source position of the runtime, which stays in the details', () => {
    const message =
      '/onnxruntime_src/onnxruntime/core/graph/graph.cc:1555 void onnxruntime::Graph::Init() This is an invalid model. Graph output (nope) does not exist in the graph.\n'
    expect(read(message).what).toBe(
      'onnxruntime could not load the model: This is an invalid model. Graph output (nope) does not exist in the graph',
    )
    expect(read(message).details).toBe(message)
  })

  it('keep the sentence when they follow no known form, and problems of our own as they are', () => {
    expect(read('Something odd').what).toBe('onnxruntime could not load the model: Something odd')
    const own = new ProblemError({ kind: 'input', code: 'x', what: 'y', where: {}, mend: 'z' })
    expect(runtimeFailure(own, { step: 'run', file: 'm.onnx' })).toBe(own)
  })
})

it('names a mend that fits what cannot be passed', () => {
  expect(unsupportedType(notATensor, 'y').problem.mend).toMatch(/SequenceAt/)
  expect(unsupportedType('int4', 'y').problem.mend).toMatch(/Cast/)
})
