import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { countNodes, referencesOf } from '../../../core/ir/reference.ts'
import { verifyModel } from '../../../core/ir/verify.ts'
import { openModel } from '../../../core/onnx/read.ts'
import type { AttributeProto, FunctionProto, NodeProto } from '../../../core/onnx/schema.ts'
import { writeModel } from '../../../core/onnx/write.ts'
import { openSession } from '../../../core/runtime/ort.ts'
import { attributeProto, floats, functionProto, graphProto, info, modelBytes, nodeProto, tensorProto } from '../../support/onnx-bytes.ts'

const folder = mkdtempSync(join(tmpdir(), 'lathe-functions-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const call = (name: string, input: string[], output: string[], parts: Partial<NodeProto> = {}) =>
  nodeProto(name, input, output, { domain: 'local', ...parts })
const refers = (name: string, refName: string, type: number): AttributeProto => attributeProto(name, { refName, type })
const float = (name: string, f: number): AttributeProto => attributeProto(name, { type: 1, f })

/** Leaky(x, slope = 0.5): LeakyRelu with an attribute of the caller. */
const leaky = functionProto('Leaky', {
  input: ['x'],
  output: ['y'],
  attribute: [],
  attributeDefaults: [float('slope', 0.5)],
  node: [nodeProto('LeakyRelu', ['x'], ['y'], { name: 'inner', attribute: [refers('alpha', 'slope', 1)] })],
})

let count = 0

/** Opens a model with functions and runs it in the runtime, which inlines them by itself, and as Lathe writes it. */
async function inlined(node: NodeProto[], functions: FunctionProto[], x: number[] = [-2, 3]) {
  count += 1
  const path = join(folder, `${count}.onnx`)
  const opset = [
    { domain: '', version: 17 },
    { domain: 'local', version: 1 },
  ]
  const graph = {
    name: 'main',
    input: [info('x')],
    output: [info('y')],
    node,
    initializer: [tensorProto('w', 1, [2], { rawData: floats(10, 20) })],
  }
  writeFileSync(path, modelBytes(graph, { functions, opset, irVersion: 10 }))
  const model = openModel(path)
  expect(verifyModel(model)).toEqual([])
  const ours = await writeModel(model.fork(), join(folder, `${count}-inlined.onnx`), { verbatim: false })
  const feeds = { x: { dtype: 'float32' as const, dims: [2], data: new Uint8Array(Float32Array.from(x).buffer) } }
  const run = async (file: string) => {
    const session = await openSession({ model: file, provider: 'cpu', threads: 1, level: 'disabled' })
    const { y } = await session.run(session.prepare(feeds), [])
    await session.release()
    return [...new Float32Array(y!.data.slice().buffer)]
  }
  const result = await run(ours.path)
  // The runtime cannot inline a function without nodes.
  if (functions.every((definition) => definition.node.length > 0)) expect(result).toEqual(await run(path))
  return { model, ops: model.graph.nodes.map(({ opType }) => opType), result }
}

describe('model-local functions are inlined', () => {
  it('with the attribute of the call, or the default', async () => {
    const { model, ops, result } = await inlined(
      [call('Leaky', ['x'], ['h'], { name: 'a' }), call('Leaky', ['h'], ['y'], { name: 'b', attribute: [float('slope', 0.25)] })],
      [leaky],
    )
    expect(ops).toEqual(['LeakyRelu', 'LeakyRelu'])
    expect(result).toEqual([-0.25, 3])
    expect(model.graph.nodes.map(({ id, name }) => [id, name])).toEqual([
      ['0//0', 'a//inner'],
      ['1//0', 'b//inner'],
    ])
    expect([...referencesOf(model).values()]).toEqual(['a//inner', 'b//inner'])
    expect(countNodes(model)).toEqual({ nodes: 2, nodesDeep: 4 })
  })

  it('in functions', async () => {
    const twice = functionProto('Twice', {
      input: ['a'],
      output: ['c'],
      attribute: ['slope'],
      node: [call('Leaky', ['a'], ['b'], { attribute: [refers('slope', 'slope', 1)] }), call('Leaky', ['b'], ['c'], { name: 'last' })],
      opset: [
        { domain: '', version: 17 },
        { domain: 'local', version: 1 },
      ],
    })
    const { model, result } = await inlined([call('Twice', ['x'], ['y'], { attribute: [float('slope', 0.25)] })], [leaky, twice])
    expect(result).toEqual([-0.25, 3])
    expect([...referencesOf(model).values()]).toEqual(['#0//#0//inner', '#0//last//inner'])
    expect(countNodes(model)).toEqual({ nodes: 1, nodesDeep: 5 })
  })

  it('whose names are also used outside', async () => {
    const clash = functionProto('Clash', {
      input: ['w'],
      output: ['x'],
      node: [nodeProto('Neg', ['w'], ['h']), nodeProto('Exp', ['h'], ['x'])],
    })
    const { result } = await inlined(
      [
        nodeProto('Abs', ['x'], ['h']),
        call('Clash', ['h'], ['e']),
        nodeProto('Add', ['e', 'h'], ['s']),
        nodeProto('Add', ['s', 'w'], ['y']),
      ],
      [clash],
      [0, 0],
    )
    expect(result).toEqual([11, 21])
  })

  it('with an input that is left out and an output nobody asks for', async () => {
    const clip = functionProto('Limit', {
      input: ['x', 'low', 'high'],
      output: ['y', 'z'],
      node: [nodeProto('Clip', ['x', 'low', 'high'], ['y']), nodeProto('Neg', ['x'], ['z'])],
    })
    const high = nodeProto('Constant', [], ['top'], { attribute: [float('value_float', 1)] })
    const { ops, result } = await inlined([high, call('Limit', ['x', '', 'top'], ['y', ''])], [clip])
    expect(ops).toEqual(['Clip', 'Neg'])
    expect(result).toEqual([-2, 1])
  })

  it('that give out an input as it is', async () => {
    const pass = functionProto('Pass', { input: ['a'], output: ['a'], node: [] })
    const { ops, result } = await inlined([call('Pass', ['x'], ['h']), nodeProto('Neg', ['h'], ['y'])], [pass])
    expect(result).toEqual([2, -3])
    expect(ops).toEqual(['Identity', 'Neg'])
  })

  it('that give out a constant', async () => {
    const five = functionProto('Five', {
      input: [],
      output: ['c'],
      node: [nodeProto('Constant', [], ['c'], { attribute: [refers('value_float', 'v', 1)] })],
      attribute: ['v'],
    })
    const { ops, result } = await inlined(
      [call('Five', [], ['f'], { attribute: [float('v', 5)] }), nodeProto('Add', ['x', 'f'], ['y'])],
      [five],
    )
    expect(ops).toEqual(['Add'])
    expect(result).toEqual([3, 8])
  })

  it('with subgraphs that read names of the body', async () => {
    const branch = (op: string) => graphProto({ name: op, node: [nodeProto(op, ['h'], ['r'])], output: [info('r')] })
    const pick = functionProto('Pick', {
      input: ['a'],
      output: ['y'],
      node: [
        nodeProto('Abs', ['a'], ['h']),
        nodeProto('Constant', [], ['yes'], {
          attribute: [attributeProto('value', { type: 4, t: tensorProto('', 9, [], { rawData: { ...floats(0), from: 0, to: 1 } }) })],
        }),
        nodeProto('If', ['yes'], ['y'], {
          name: 'if',
          attribute: [
            attributeProto('then_branch', { type: 5, g: branch('Exp') }),
            attributeProto('else_branch', { type: 5, g: branch('Neg') }),
          ],
        }),
      ],
    })
    const { model, result } = await inlined([nodeProto('Neg', ['x'], ['h']), call('Pick', ['h'], ['y'], { name: 'p' })], [pick])
    expect(result).toEqual([-2, -3])
    expect([...referencesOf(model).values()]).toEqual(['#0', 'p//#0', 'p//if', 'p//if/then_branch/#0', 'p//if/else_branch/#0'])
  })

  it('by overload', async () => {
    const one = functionProto('F', { input: ['a'], output: ['b'], overload: 'one', node: [nodeProto('Neg', ['a'], ['b'])] })
    const other = functionProto('F', { input: ['a'], output: ['b'], overload: 'other', node: [nodeProto('Abs', ['a'], ['b'])] })
    const { ops } = await inlined([call('F', ['x'], ['y'], { overload: 'other' })], [one, other])
    expect(ops).toEqual(['Abs'])
  })
})
