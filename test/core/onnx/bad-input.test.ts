import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type Problem, ProblemError } from '../../../core/api/problem.ts'
import { memoryBlob } from '../../../core/ir/tensor.ts'
import { openModel } from '../../../core/onnx/read.ts'
import type { GraphProto, ModelProto } from '../../../core/onnx/schema.ts'
import {
  attributeProto,
  floats,
  functionProto,
  graphProto,
  info,
  modelBlob,
  modelBytes,
  nodeProto,
  raw,
  run,
  tensorProto,
} from '../../support/onnx-bytes.ts'

const scratch = mkdtempSync(join(tmpdir(), 'lathe-bad-input-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

function problemOf(work: () => unknown): Problem {
  try {
    work()
  } catch (error) {
    if (error instanceof ProblemError) return error.problem
    throw error
  }
  throw new Error('there was no problem')
}

let count = 0
function fileWith(bytes: Uint8Array | string): string {
  count += 1
  const path = join(scratch, `model-${count}.onnx`)
  writeFileSync(path, bytes)
  return path
}

const sample = readFileSync('samples/digits-cnn/model.onnx')

describe('files that are no model', () => {
  it.each([
    ['an empty file', '', 'empty-file'],
    ['text', 'hello, this is no model', 'not-onnx'],
    ['a web page', '<!doctype html><html></html>', 'not-onnx'],
    ['a pointer of Git LFS', 'version https://git-lfs.github.com/spec/v1\noid sha256:1', 'not-onnx'],
    ['a ZIP archive', 'PK\u0003\u0004aaaaaaaa', 'not-onnx'],
    ['zeros', new Uint8Array(1000), 'not-onnx'],
    ['a header and no graph', Uint8Array.of(8, 8), 'damaged-file'],
    ['a model cut off in its weights', sample.subarray(0, sample.length - 1000), 'truncated-file'],
    ['a model cut off in its structure', sample.subarray(0, 300), 'truncated-file'],
  ] as const)('%s', (_, bytes, code) => {
    const path = fileWith(bytes)
    const problem = problemOf(() => openModel(path))
    expect(problem).toMatchObject({ kind: 'format', code, where: { file: path } })
    expect(problem.mend).not.toBe('')
  })

  it('noise that is called .tflite is neither', () => {
    const path = join(scratch, 'noise.tflite')
    writeFileSync(path, 'no model at all, whatever its name')
    expect(problemOf(() => openModel(path))).toMatchObject({
      code: 'not-onnx',
      what: expect.stringContaining('neither a TensorFlow Lite model nor an ONNX model'),
    })
  })

  it('no file, and a folder', () => {
    expect(problemOf(() => openModel(join(scratch, 'nowhere.onnx')))).toMatchObject({ kind: 'file', code: 'missing-file' })
    expect(problemOf(() => openModel(scratch))).toMatchObject({ kind: 'file', code: 'not-a-file' })
  })

  it('a file that changes while it is in use', () => {
    const path = fileWith(sample)
    const model = openModel(path)
    writeFileSync(path, sample.subarray(0, 1000))
    const [value] = model.graph.initializers
    expect(problemOf(() => value?.initializer?.read())).toMatchObject({ code: 'file-changed', where: { file: path } })
  })
})

const x = info('x')
const relu = nodeProto('Relu', ['x'], ['y'], { name: 'act' })
const weight = (parts: Parameters<typeof tensorProto>[3], dims = [2], type = 1) => ({
  input: [x],
  output: [info('y')],
  node: [nodeProto('Add', ['x', 'w'], ['y'])],
  initializer: [tensorProto('w', type, dims, parts)],
})

type Case = readonly [name: string, graph: Partial<GraphProto>, expected: object, parts?: Partial<ModelProto>]

const graphs: readonly Case[] = [
  [
    'a name nothing computes',
    { input: [x], output: [info('y')], node: [nodeProto('Relu', ['q'], ['y'], { name: 'act' })] },
    { code: 'dangling-name', where: { node: 'act', tensor: 'q' } },
  ],
  ['an output nothing computes', { input: [x], output: [info('z')], node: [relu] }, { code: 'undefined-output', where: { tensor: 'z' } }],
  [
    'a name twice',
    { input: [x], output: [info('y')], node: [relu, nodeProto('Neg', ['x'], ['y'])] },
    { code: 'duplicate-name', where: { tensor: 'y' } },
  ],
  [
    'an output named like an input',
    { input: [x], node: [nodeProto('Relu', ['x'], ['x'])] },
    { code: 'duplicate-name', where: { tensor: 'x' } },
  ],
  ['one node giving a name twice', { input: [x], node: [nodeProto('Split', ['x'], ['a', 'a'])] }, { code: 'duplicate-name' }],
  ['an input twice', { input: [x, x] }, { code: 'duplicate-name' }],
  [
    'an initializer twice',
    { initializer: [tensorProto('w', 1, [1], { rawData: floats(1) }), tensorProto('w', 1, [1], { rawData: floats(1) })] },
    { code: 'duplicate-name', where: { tensor: 'w' } },
  ],
  ['an initializer without a name', { initializer: [tensorProto('', 1, [1], { rawData: floats(1) })] }, { code: 'no-name' }],
  [
    'a circle',
    { input: [x], node: [nodeProto('Add', ['x', 'b'], ['a'], { name: 'first' }), nodeProto('Neg', ['a'], ['b'])] },
    { code: 'cycle' },
  ],
  ['a node that reads itself', { node: [nodeProto('Neg', ['a'], ['a'], { name: 'self' })] }, { code: 'cycle', where: { node: 'self' } }],
  ['a node without an operator', { input: [x], node: [nodeProto('', ['x'], ['y'])] }, { code: 'no-operator', where: { node: '#0' } }],
  [
    'an attribute twice',
    {
      input: [x],
      node: [
        nodeProto('Elu', ['x'], ['y'], {
          attribute: [attributeProto('alpha', { f: 1, type: 1 }), attributeProto('alpha', { f: 2, type: 1 })],
        }),
      ],
    },
    { code: 'duplicate-attribute' },
  ],
  ['too few bytes', weight({ rawData: floats(1) }), { code: 'tensor-length', where: { tensor: 'w' } }],
  ['too many bytes', weight({ rawData: floats(1, 2, 3) }), { code: 'tensor-length' }],
  ['no bytes', weight({}), { code: 'tensor-length' }],
  ['too few typed elements', weight({ floatData: [run(new Uint8Array(4))] }), { code: 'tensor-length' }],
  ['too few packed integers', weight({ int64Data: [run([1])] }, [2], 7), { code: 'tensor-length' }],
  ['a negative dimension', weight({ rawData: floats(1) }, [-1]), { code: 'absurd-dimensions', where: { tensor: 'w' } }],
  ['absurd dimensions', weight({ rawData: floats(1) }, [2 ** 40, 2 ** 40]), { code: 'absurd-dimensions' }],
  ['a huge tensor without bytes', weight({ rawData: floats(1) }, [2 ** 40]), { code: 'tensor-length' }],
  ['an element type nobody knows', weight({ rawData: floats(1) }, [1], 99), { kind: 'unsupported', code: 'unknown-element-type' }],
  ['segments', weight({ rawData: floats(1), segment: new Uint8Array(2) }, [1]), { kind: 'unsupported', code: 'segmented-tensor' }],
  ['no operator set', { input: [x], node: [relu], output: [info('y')] }, { code: 'no-opset' }, { opset: [] }],
  [
    'only another operator set',
    { input: [x], node: [relu], output: [info('y')] },
    { code: 'no-opset', where: { node: 'act' } },
    { opset: [{ domain: 'other', version: 1 }] },
  ],
  ['a format from before ONNX 1.0', { input: [x] }, { kind: 'unsupported', code: 'old-ir' }, { irVersion: 2 }],
  [
    'external data in a model without a folder',
    weight({ dataLocation: 1, externalData: [{ key: 'location', value: 'w.bin' }] }),
    { code: 'no-folder' },
  ],
  [
    'a function that calls itself',
    { input: [x], node: [nodeProto('F', ['x'], ['y'], { domain: 'local' })] },
    { code: 'recursive-function' },
    { functions: [functionProto('F', { input: ['a'], output: ['b'], node: [nodeProto('F', ['a'], ['b'], { domain: 'local' })] })] },
  ],
  [
    'a function called with too much',
    { input: [x], node: [nodeProto('F', ['x', 'x'], ['y'], { domain: 'local' })] },
    { code: 'bad-call' },
    { functions: [functionProto('F', { input: ['a'], output: ['b'], node: [nodeProto('Neg', ['a'], ['b'])] })] },
  ],
  ['a function twice', {}, { code: 'duplicate-function' }, { functions: [functionProto('F', {}), functionProto('F', {})] }],
  [
    'a subgraph that gives out what is around it',
    {
      input: [info('c', 9, [])],
      initializer: [tensorProto('w', 1, [1], { rawData: floats(1) })],
      node: [
        nodeProto('If', ['c'], ['y'], {
          name: 'choice',
          attribute: [attributeProto('then_branch', { type: 5, g: graphProto({ output: [info('w')] }) })],
        }),
      ],
    },
    { code: 'outer-output', where: { node: 'choice/then_branch/', tensor: 'w' } },
  ],
  [
    'a sparse tensor whose index is outside',
    {
      sparseInitializer: [
        {
          dims: [2],
          values: tensorProto('s', 1, [1], { rawData: floats(1) }),
          indices: tensorProto('', 7, [1], { int64Data: [run([9])] }),
        },
      ],
    },
    { code: 'bad-sparse-tensor', where: { tensor: 's' } },
  ],
  [
    'a sparse tensor whose narrow index is outside',
    {
      sparseInitializer: [
        {
          dims: [2],
          values: tensorProto('s', 1, [1], { rawData: floats(1) }),
          indices: tensorProto('', 3, [1], { rawData: raw(Uint8Array.of(255)) }),
        },
      ],
    },
    { code: 'bad-sparse-tensor', where: { tensor: 's' } },
  ],
  [
    'a sparse tensor whose indices do not fit',
    {
      sparseInitializer: [
        {
          dims: [2],
          values: tensorProto('s', 1, [1], { rawData: floats(1) }),
          indices: tensorProto('', 7, [2], { int64Data: [run([0, 1])] }),
        },
      ],
    },
    { code: 'bad-sparse-tensor' },
  ],
]

describe('models that break a rule', () => {
  it.each(graphs.map((entry) => ({ name: entry[0], entry })))('$name', ({ entry: [, graph, expected, parts] }) => {
    const problem = problemOf(() => openModel(modelBlob(graph, parts)))
    expect(problem).toMatchObject({ kind: 'graph', ...expected })
    expect(problem.mend).not.toBe('')
  })

  it('names the file too', () => {
    const path = fileWith(modelBytes({ output: [info('z')] }))
    expect(problemOf(() => openModel(path)).where).toEqual({ file: path, tensor: 'z' })
  })
})

describe('bombs', () => {
  it('graphs nested without end', () => {
    let graph = graphProto({})
    for (let depth = 0; depth < 400; depth++) {
      graph = graphProto({ node: [nodeProto('If', [], [], { attribute: [attributeProto('then_branch', { type: 5, g: graph })] })] })
    }
    expect(problemOf(() => openModel(modelBlob(graph)))).toMatchObject({ code: 'damaged-file', what: expect.stringContaining('nested') })
  })

  it('functions that double at every level', () => {
    const level = (depth: number) =>
      functionProto(`F${depth}`, {
        input: ['a'],
        output: ['c'],
        node: [
          nodeProto(depth === 0 ? 'Neg' : `F${depth - 1}`, ['a'], ['b'], at(depth)),
          nodeProto(depth === 0 ? 'Neg' : `F${depth - 1}`, ['b'], ['c'], at(depth)),
        ],
      })
    const at = (depth: number) => (depth === 0 ? {} : { domain: 'local' })
    const functions = Array.from({ length: 40 }, (_, depth) => level(depth))
    const graph = { input: [x], output: [info('y')], node: [nodeProto('F39', ['x'], ['y'], { domain: 'local' })] }
    expect(problemOf(() => openModel(modelBlob(graph, { functions })))).toMatchObject({ code: 'functions-too-large' })
  })

  it('a sparse tensor that would be terabytes opens, and says so only when its bytes are asked for', () => {
    const values = tensorProto('s', 1, [1], { rawData: floats(1) })
    const indices = tensorProto('', 7, [1], { int64Data: [run([5])] })
    const model = openModel(modelBlob({ sparseInitializer: [{ dims: [2 ** 20, 2 ** 20], values, indices }] }))
    expect(problemOf(() => model.graph.find('s')!.initializer!.read())).toMatchObject({ code: 'sparse-too-large' })
  })

  it('a length that claims more than the file has', () => {
    expect(problemOf(() => openModel(memoryBlob(Uint8Array.of(8, 8, 0x3a, 0xff, 0xff, 0xff, 0xff, 0x7f, 0x0a))))).toMatchObject({
      code: 'truncated-file',
    })
  })
})

describe('external data', () => {
  const folder = join(scratch, 'external')
  mkdirSync(join(folder, 'inner'), { recursive: true })
  writeFileSync(join(folder, 'w.bin'), new Uint8Array(16))
  writeFileSync(join(folder, 'inner', 'w.bin'), new Uint8Array(16))
  writeFileSync(join(scratch, 'outside.bin'), new Uint8Array(16))
  symlinkSync(join(scratch, 'outside.bin'), join(folder, 'link.bin'))
  symlinkSync(join(folder, 'w.bin'), join(folder, 'near.bin'))

  const externalModel = (entries: Record<string, string>): string => {
    count += 1
    const path = join(folder, `model-${count}.onnx`)
    const externalData = Object.entries(entries).map(([key, value]) => ({ key, value }))
    writeFileSync(path, modelBytes(weight({ dataLocation: 1, externalData })))
    return path
  }

  it.each([
    ['missing-external-file', { location: 'nowhere.bin' }],
    ['missing-external-file', { location: '../nowhere.bin' }],
    ['external-path-outside', { location: '../outside.bin' }],
    ['external-path-outside', { location: 'inner/../w.bin' }],
    ['external-path-outside', { location: join(scratch, 'outside.bin') }],
    ['external-path-outside', { location: '/etc/hostname' }],
    ['external-path-outside', { location: 'link.bin' }],
    ['external-data-too-short', { location: 'w.bin', offset: '12' }],
    ['external-data-too-short', { location: 'w.bin', offset: '12', length: '8' }],
    ['external-data-too-short', { location: 'w.bin', offset: '9007199254740000' }],
    ['tensor-length', { location: 'w.bin', offset: '4', length: '4' }],
    ['bad-external-entry', { location: 'w.bin', offset: '-4' }],
    ['bad-external-entry', { location: 'w.bin', length: '1e9' }],
    ['bad-external-entry', { location: 'w\u0000.bin' }],
    ['no-external-location', { offset: '0' }],
    ['not-a-file', { location: 'inner' }],
  ])('%s: %o', (code, entries) => {
    const path = externalModel(entries as Record<string, string>)
    const problem = problemOf(() => openModel(path))
    expect(problem.code).toBe(code)
    expect(problem.where.file).toBeDefined()
  })

  it('inside the folder is fine, in a folder of it and by a link to it too', () => {
    for (const location of ['w.bin', 'inner/w.bin', 'near.bin', './w.bin'])
      expect(
        openModel(externalModel({ location, length: '8' }))
          .graph.find('w')!
          .initializer!.read(),
      ).toHaveLength(8)
  })

  it('outside the folder opens once the user has confirmed the very file', () => {
    const path = externalModel({ location: 'link.bin', offset: '8' })
    const resolved = problemOf(() => openModel(path)).details!
    expect(resolved.endsWith('outside.bin')).toBe(true)
    for (const confirmed of [resolved, relative(process.cwd(), resolved), join(folder, 'link.bin')])
      expect(openModel(path, { allowExternal: [confirmed] }).graph.find('w')!.constant!.ref.length).toBe(8)
    expect(problemOf(() => openModel(path, { allowExternal: [join(folder, 'w.bin')] })).code).toBe('external-path-outside')
  })
})

describe('what is odd but no hindrance', () => {
  const warningsOf = (graph: Partial<GraphProto>, parts?: Partial<ModelProto>) => {
    const codes: string[] = []
    openModel(modelBlob(graph, parts), { onWarning: ({ code }) => codes.push(code) })
    return codes
  }
  const sound = { input: [x], output: [info('y')], node: [relu] }

  it('is told', () => {
    expect(warningsOf(sound)).toEqual([])
    expect(warningsOf(sound, { opset: [{ domain: 'ai.onnx', version: 999 }] })).toEqual(['newer-opset'])
    expect(warningsOf(sound, { irVersion: 99 })).toEqual(['newer-ir'])
    expect(warningsOf(sound, { opset: [{ domain: '', version: 6 }] })).toEqual(['old-opset'])
    expect(warningsOf({ ...sound, node: [nodeProto('Gelu', ['x'], ['y'], { domain: 'com.microsoft' })] })).toEqual(['missing-opset'])
  })

  it('a function that is written for another operator set than its model', () => {
    const node = [nodeProto('F', ['x'], ['y'], { domain: 'local' })]
    const body = [nodeProto('Gelu', ['a'], ['b'], { domain: 'com.microsoft' })]
    const opset = [
      { domain: '', version: 16 },
      { domain: 'com.microsoft', version: 1 },
    ]
    const functions = [functionProto('F', { input: ['a'], output: ['b'], node: body, opset })]
    expect(warningsOf({ ...sound, node }, { functions })).toEqual(['function-opset'])
  })

  it('an operator that nobody knows', () => {
    const node = [nodeProto('Frobnicate', ['x'], ['y'], { domain: 'com.example', name: 'frob' })]
    const opset = [
      { domain: '', version: 17 },
      { domain: 'com.example', version: 1 },
    ]
    expect(warningsOf({ ...sound, node }, { opset })).toEqual(['unknown-operator'])
    expect(warningsOf({ ...sound, node: [nodeProto('Frobnicate', ['x'], ['y'])] })).toEqual(['unknown-operator'])
  })
})
