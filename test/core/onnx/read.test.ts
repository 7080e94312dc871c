import { describe, expect, it } from 'vitest'
import type { Model } from '../../../core/ir/model.ts'
import { numbersOf } from '../../../core/ir/numbers.ts'
import { countNodes, openedReference, referencesOf } from '../../../core/ir/reference.ts'
import type { Value } from '../../../core/ir/value.ts'
import { verifyModel } from '../../../core/ir/verify.ts'
import { allNodes } from '../../../core/ir/walk.ts'
import { encodeBytes } from '../../../core/onnx/encode.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { type GraphProto, type ModelProto, typeSchema } from '../../../core/onnx/schema.ts'
import { attributeProto, floats, graphProto, info, modelBlob, nodeProto, run, tensorProto } from '../../support/onnx-bytes.ts'

function open(graph: Partial<GraphProto>, parts?: Partial<ModelProto>): Model {
  const model = openModel(modelBlob(graph, parts))
  expect(verifyModel(model)).toEqual([])
  expect(verifyModel(model.fork())).toEqual([])
  return model
}

const names = (values: readonly Value[]) => values.map(({ name }) => name)
const ops = (model: Model) => model.graph.nodes.map(({ opType }) => opType)
const weight = (name: string, ...values: number[]) => tensorProto(name, 1, [values.length], { rawData: floats(...values) })

describe('initializers that are inputs too', () => {
  const graph = {
    input: [info('x'), info('w')],
    output: [info('y')],
    node: [nodeProto('Add', ['x', 'w'], ['y'])],
    initializer: [weight('w', 1, 2)],
  }

  it('are constants before IR 4', () => {
    const model = open(graph, { irVersion: 3 })
    expect(names(model.graph.inputs)).toEqual(['x'])
    expect(model.graph.find('w')!.constant).not.toBeNull()
  })

  it('are defaults since then', () => {
    const model = open(graph, { irVersion: 4 })
    expect(names(model.graph.inputs)).toEqual(['x', 'w'])
    expect(model.graph.find('w')!.initializer).not.toBeNull()
    expect(model.graph.find('w')!.constant).toBeNull()
  })
})

describe('Constant nodes', () => {
  const constant = (name: string, parts: Parameters<typeof attributeProto>[1], attribute: string) =>
    nodeProto('Constant', [], [name], { attribute: [attributeProto(attribute, parts)] })

  it('become initializers under their names, in every form', () => {
    const model = open({
      node: [
        constant('tensor', { type: 4, t: weight('', 1, 2) }, 'value'),
        constant('float', { type: 1, f: 0.5 }, 'value_float'),
        constant('floats', { type: 6, floats: [1, 2] }, 'value_floats'),
        constant('int', { type: 2, i: -3 }, 'value_int'),
        constant('ints', { type: 7, ints: [1, 9007199254740993n] }, 'value_ints'),
        constant('text', { type: 3, s: Buffer.from('a') }, 'value_string'),
        constant('texts', { type: 8, strings: [Buffer.from('a'), Buffer.from('b')] }, 'value_strings'),
        nodeProto('Sum', ['tensor', 'float', 'floats', 'int', 'ints', 'text', 'texts'], ['y']),
      ],
      output: [info('y')],
    })
    expect(ops(model)).toEqual(['Sum'])
    const found = model.graph.initializers.map(({ name, initializer }) => [name, initializer!.ref.dtype, initializer!.ref.dims])
    expect(found).toEqual([
      ['tensor', 'float32', [2]],
      ['float', 'float32', []],
      ['floats', 'float32', [2]],
      ['int', 'int64', []],
      ['ints', 'int64', [2]],
      ['text', 'string', []],
      ['texts', 'string', [2]],
    ])
    expect(Buffer.from(model.graph.find('ints')!.constant!.read()).readBigInt64LE(8)).toBe(9007199254740993n)
    expect([...numbersOf(model.graph.find('int')!.constant!)]).toEqual([-3])
  })

  it('stay when they are an output, or sparse', () => {
    const sparse = attributeProto('sparse_value', { type: 11, unknown: Uint8Array.of(0xb2, 0x01, 0x00) })
    const model = open({
      node: [constant('y', { type: 1, f: 1 }, 'value_float'), nodeProto('Constant', [], ['z'], { attribute: [sparse] })],
      output: [info('y')],
    })
    expect(ops(model)).toEqual(['Constant', 'Constant'])
    expect(countNodes(model)).toEqual({ nodes: 0, nodesDeep: 0 })
  })
})

describe('names and domains', () => {
  it('the standard domain has one name', () => {
    const model = open(
      { input: [info('x')], output: [info('y')], node: [nodeProto('Relu', ['x'], ['y'], { domain: 'ai.onnx' })] },
      { opset: [{ domain: 'ai.onnx', version: 13 }] },
    )
    expect([...model.opsets]).toEqual([['', 13]])
    expect(model.graph.nodes[0]!.domain).toBe('')
  })

  it('inputs and outputs that are left out', () => {
    const model = open({ input: [info('x')], output: [info('b')], node: [nodeProto('Op', ['x', '', 'x'], ['', 'b'], { domain: 'c' })] })
    const [node] = model.graph.nodes
    expect(node!.inputs.map((value) => value?.name ?? null)).toEqual(['x', null, 'x'])
    expect(names(node!.outputs)).toEqual(['', 'b'])
  })

  it('nodes may stand in any order in the file', () => {
    const model = open({
      input: [info('x')],
      output: [info('y')],
      node: [nodeProto('Relu', ['h'], ['y']), nodeProto('Neg', ['x'], ['h'])],
    })
    expect(ops(model)).toEqual(['Neg', 'Relu'])
    expect(model.graph.nodes.map(({ id }) => id)).toEqual(['1', '0'])
  })
})

describe('subgraphs', () => {
  const branch = (...node: GraphProto['node']) => graphProto({ node, output: [info('picked')] })
  const choice = (then: GraphProto, otherwise: GraphProto) =>
    nodeProto('If', ['c'], ['y'], {
      name: 'choice',
      attribute: [attributeProto('then_branch', { type: 5, g: then }), attributeProto('else_branch', { type: 5, g: otherwise })],
    })
  const model = () =>
    open({
      input: [info('c', 9, []), info('x')],
      output: [info('y')],
      initializer: [weight('w', 1)],
      node: [
        choice(branch(nodeProto('Add', ['x', 'w'], ['picked'])), branch(nodeProto('Neg', ['late'], ['picked']))),
        nodeProto('Abs', ['x'], ['late'], { name: 'late' }),
      ],
    })

  it('read what is around them, which then runs first', () => {
    const { graph } = model()
    expect(graph.nodes.map(({ opType }) => opType)).toEqual(['Abs', 'If'])
    expect(graph.find('w')!.uses.map(({ node }) => node.opType)).toEqual(['Add'])
  })

  it('have ids, references and counts of their own', () => {
    const opened = model()
    const ids = [...allNodes(opened.graph)].map(({ id }) => id)
    expect(ids).toEqual(['1', '0', '0/then_branch/0', '0/else_branch/0'])
    expect([...referencesOf(opened).values()]).toEqual(['late', 'choice', 'choice/then_branch/#0', 'choice/else_branch/#0'])
    expect(countNodes(opened)).toEqual({ nodes: 2, nodesDeep: 4 })
    const values = [...allNodes(opened.graph)].map(({ outputs }) => outputs[0]!.id)
    expect(values).toEqual(['late', 'y', '0/then_branch/picked', '0/else_branch/picked'])
  })

  it('that hide a name around them get another one, and mean the same', () => {
    const hiding = open({
      input: [info('c', 9, []), info('x')],
      output: [info('y')],
      node: [
        nodeProto('Abs', ['x'], ['t']),
        choice(
          graphProto({ node: [nodeProto('Neg', ['x'], ['t']), nodeProto('Exp', ['t'], ['picked'])], output: [info('picked')] }),
          branch(nodeProto('Exp', ['t'], ['picked'])),
        ),
      ],
    })
    const reads = [...allNodes(hiding.graph)].filter(({ opType }) => opType === 'Exp').map(({ inputs }) => inputs[0]!.name)
    expect(reads[0]).toMatch(/^t_\d+$/)
    expect(reads[1]).toBe('t')
  })
})

describe('references', () => {
  const file = () =>
    open({
      input: [info('x')],
      output: [info('y')],
      node: [
        nodeProto('Neg', ['x'], ['a'], { name: 'same' }),
        nodeProto('Constant', [], ['k'], { attribute: [attributeProto('value_float', { type: 1, f: 1 })] }),
        nodeProto('Neg', ['a'], ['b'], { name: 'same' }),
        nodeProto('Add', ['b', 'k'], ['c']),
        nodeProto('Relu', ['c'], ['y'], { name: 'act' }),
      ],
    })

  it('are names where these are unique, else positions in the file', () => {
    expect([...referencesOf(file()).values()]).toEqual(['#0', '#2', '#3', 'act'])
  })

  it('of a changed version are positions in the file it would be written to; the old ones stay known by id', () => {
    const model = file()
    const [first, second] = model.graph.nodes
    model.graph.replaceUses(second!.outputs[0]!, first!.outputs[0]!)
    model.graph.removeNode(second!)
    expect([...referencesOf(model).values()]).toEqual(['same', '#1', 'act'])
    expect(openedReference(model, '3')).toBe('#3')
    const at = (reference: string) => [...referencesOf(model)].find(([, own]) => own === reference)?.[0].opType
    expect([at('#1'), at('#9')]).toEqual(['Add', undefined])
  })
})

describe('types', () => {
  const typeOf = (type: object) => {
    const bytes = encodeBytes(typeSchema, type)
    return open({ input: [{ name: 'x', type: bytes }] }).graph.inputs[0]!.type
  }
  const tensor = { tensor: { elemType: 1, shape: { dim: [{ value: 2 }, { param: 'n' }, {}, { value: -1 }, { param: '' }] } } }
  const shape = [2, 'n', null, null, null]

  it.each([
    ['a tensor', tensor, { kind: 'tensor', dtype: 'float32', shape }],
    ['a scalar', { tensor: { elemType: 7, shape: { dim: [] } } }, { kind: 'tensor', dtype: 'int64', shape: [] }],
    ['a tensor of unknown rank', { tensor: { elemType: 1 } }, { kind: 'tensor', dtype: 'float32', shape: null }],
    ['a sequence', { sequence: { elemType: tensor } }, { kind: 'sequence', element: { kind: 'tensor', dtype: 'float32', shape } }],
    ['an optional', { optional: { elemType: { sequence: {} } } }, { kind: 'optional', element: { kind: 'sequence', element: null } }],
    ['a map', { map: { keyType: 8, valueType: {} } }, { kind: 'map', key: 'string', value: null }],
    ['a sparse tensor', { sparse: { elemType: 1 } }, { kind: 'sparse', dtype: 'float32', shape: null }],
    ['a type of the future', { tensor: { elemType: 99 } }, { kind: 'opaque' }],
    ['nothing', {}, null],
  ])('%s', (_, proto, expected) => expect(typeOf(proto)).toEqual(expected))
})

describe('attributes', () => {
  const attributesOf = (...attribute: ReturnType<typeof attributeProto>[]) =>
    Object.fromEntries(open({ node: [nodeProto('Op', [], ['y'], { domain: 'c', attribute })] }).graph.nodes[0]!.attributes)

  it('keep digits and bytes that numbers and text would lose', () => {
    const broken = Buffer.from([0x61, 0xff])
    expect(
      attributesOf(
        attributeProto('big', { type: 2, i: 9007199254740993n }),
        attributeProto('end', { type: 2, i: 9223372036854775807n }),
        attributeProto('start', { type: 7, ints: [-9223372036854775808n, 1] }),
        attributeProto('bytes', { type: 3, s: broken }),
        attributeProto('text', { type: 3, s: Buffer.from('a') }),
      ),
    ).toEqual({
      big: { type: 'int', value: 9007199254740992, exact: 9007199254740993n },
      end: { type: 'int', value: 2 ** 63 },
      start: { type: 'ints', value: [-(2 ** 63), 1] },
      bytes: { type: 'string', value: 'a\ufffd', bytes: new Uint8Array(broken) },
      text: { type: 'string', value: 'a' },
    })
  })

  it('of files from before types were written are known by what they hold', () => {
    expect(
      attributesOf(attributeProto('alpha', { f: 0.5 }), attributeProto('axes', { ints: [1] }), attributeProto('none', {})),
    ).toMatchObject({
      alpha: { type: 'float', value: 0.5 },
      axes: { type: 'ints', value: [1] },
      none: { type: 'encoded' },
    })
  })

  it('that are empty lists stay lists', () => {
    expect(attributesOf(attributeProto('axes', { type: 7 }))).toEqual({ axes: { type: 'ints', value: [] } })
  })
})

it('weights of typed data are not read before they are asked for', () => {
  const model = open({ initializer: [tensorProto('w', 7, [3], { int64Data: [run([1, 2, 3])] })] })
  expect(model.graph.find('w')!.constant!.blob.path).toBeUndefined()
  expect([...numbersOf(model.graph.find('w')!.constant!)]).toEqual([1, 2, 3])
})
