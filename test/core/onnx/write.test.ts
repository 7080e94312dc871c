import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { ProblemError } from '../../../core/api/problem.ts'
import type { Model } from '../../../core/ir/model.ts'
import { float32Tensor, numbersOf, tensorFrom } from '../../../core/ir/numbers.ts'
import { type Blob, tensorAt } from '../../../core/ir/tensor.ts'
import { decode } from '../../../core/onnx/decode.ts'
import { fileBlob } from '../../../core/onnx/file-blob.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { type ModelProto, modelSchema } from '../../../core/onnx/schema.ts'
import { writeSkeleton } from '../../../core/onnx/skeleton.ts'
import { writeModel } from '../../../core/onnx/write.ts'
import { attributeProto, floats, graphProto, info, modelBlob, modelBytes, nodeProto, raw, tensorProto } from '../../support/onnx-bytes.ts'

const root = mkdtempSync(join(tmpdir(), 'lathe-write-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

let folder = ''
let count = 0
beforeEach(() => {
  count += 1
  folder = join(root, `${count}`)
  mkdirSync(folder)
})

const big = Float32Array.from({ length: 1000 }, (_, index) => index)
const bigTensor = (name: string) => tensorProto(name, 1, [1000], { rawData: raw(new Uint8Array(big.buffer)) })

/** x + w, with a large and a small constant. */
const graph = () => ({
  input: [info('x', 1, [1000])],
  output: [info('y', 1, [1000])],
  node: [nodeProto('Add', ['x', 'w'], ['h']), nodeProto('Add', ['h', 'small'], ['y'])],
  initializer: [bigTensor('w'), tensorProto('small', 1, [1], { rawData: floats(1) })],
})

const protoOf = (path: string): ModelProto => decode(modelSchema, fileBlob(path))
const written = async (model: Model, options: Parameters<typeof writeModel>[2] = {}) =>
  writeModel(model, join(folder, 'model.onnx'), options)
const problemFrom = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error) => (error instanceof ProblemError ? error.problem : error),
  )
const tail = (...bytes: number[]) => Uint8Array.of(...bytes)

describe('what the file says', () => {
  it('all survives: header, documentation, metadata, and fields of the future in every message', async () => {
    const future = tail(0xfa, 0x3f, 2, 7, 7)
    const proto = modelBytes(
      {
        ...{ name: 'main', doc: 'graph', metadata: [{ key: 'g', value: '1' }], unknown: future },
        input: [{ ...info('x'), unknown: future }],
        output: [info('y')],
        valueInfo: [{ ...info('h'), unknown: future }],
        initializer: [tensorProto('w', 1, [2], { rawData: floats(1, 2), unknown: future })],
        node: [
          nodeProto('Add', ['x', 'w'], ['h'], { name: 'add', doc: 'node', metadata: [{ key: 'n', value: '2' }], unknown: future }),
          nodeProto('Elu', ['h'], ['y'], { attribute: [attributeProto('alpha', { type: 1, f: 0.5, unknown: future })] }),
        ],
      },
      {
        ...{ producerName: 'maker', producerVersion: '2', domain: 'com.example', modelVersion: 7, doc: 'model' },
        ...{ metadata: [{ key: 'm', value: '3' }], unknown: future },
      },
    )
    const path = join(folder, 'source.onnx')
    writeFileSync(path, proto)
    const result = await written(openModel(path).fork(), { verbatim: false })
    expect(plain(protoOf(result.path))).toEqual(plain(protoOf(path)))
  })

  /** A message without the places of its bytes in files. */
  const plain = (proto: unknown) =>
    JSON.parse(JSON.stringify(proto, (key, value) => (key === 'rawData' ? [...value.blob.read(value.from, value.to)] : value)))

  it('denotations of types survive while the type does', async () => {
    const denoted = { name: 'x', type: tail(0x0a, 0x02, 0x08, 0x01, 0x32, 0x01, 0x41) }
    const model = openModel(modelBlob({ input: [denoted], output: [info('y')], node: [nodeProto('Neg', ['x'], ['y'])] }))
    const kept = await written(model.fork())
    expect(Buffer.from(protoOf(kept.path).graph!.input[0]!.type!)).toEqual(Buffer.from(denoted.type))
  })

  it('before IR 4 every initializer is an input too, and in subgraphs a Constant node', async () => {
    const branch = graphProto({
      node: [
        nodeProto('Constant', [], ['k'], {
          attribute: [attributeProto('value', { type: 4, t: tensorProto('', 1, [1], { rawData: floats(3) }) })],
        }),
        nodeProto('Neg', ['k'], ['b']),
      ],
      output: [info('b', 1, [1])],
    })
    const source = {
      input: [info('x'), info('w')],
      output: [info('y')],
      initializer: [tensorProto('w', 1, [2], { rawData: floats(1, 2) })],
      node: [
        nodeProto('Add', ['x', 'w'], ['y']),
        nodeProto('If', ['c'], ['z'], { attribute: [attributeProto('then_branch', { type: 5, g: branch })] }),
        nodeProto('Constant', [], ['c'], {
          attribute: [attributeProto('value', { type: 4, t: tensorProto('', 9, [], { rawData: raw([1]) }) })],
        }),
      ],
    }
    const { path } = await written(openModel(modelBlob(source, { irVersion: 3 })))
    const proto = protoOf(path)
    expect(proto.graph!.input.map(({ name }) => name)).toEqual(['x', 'w', 'c'])
    const inner = proto.graph!.node.find(({ opType }) => opType === 'If')!.attribute[0]!.g!
    expect(inner.initializer).toEqual([])
    expect(inner.node.map(({ opType }) => opType)).toEqual(['Constant', 'Neg'])
    expect(openModel(path).graph.find('w')!.constant).not.toBeNull()
  })
})

it('a file of an old format that was given new element types says that it needs a newer one', async () => {
  const model = openModel(modelBlob(graph(), { irVersion: 8 }))
  expect(protoOf((await written(model)).path).irVersion).toBe(8)
  model.graph.addInitializer('four', tensorFrom('int4', [2], [1, -8]))
  expect(protoOf((await written(model)).path).irVersion).toBe(10)
})

describe('where weights go', () => {
  it('stay inside unless asked', async () => {
    const result = await written(openModel(modelBlob(graph())))
    expect([result.data, readdirSync(folder)]).toEqual([null, ['model.onnx']])
  })

  it('stand beside the model when asked, small ones inside, shared ones once', async () => {
    const model = openModel(modelBlob(graph()))
    const { constant } = model.graph.find('w')!
    model.graph.addInitializer('same', constant!)
    const result = await written(model, { externalData: 'always' })
    expect(statSync(result.data!).size).toBe(4000)
    expect(result.bytes).toBe(4000 + statSync(result.path).size)
    const stored = protoOf(result.path).graph!.initializer.map(({ name, dataLocation }) => [name, dataLocation])
    expect(stored).toEqual([
      ['w', 1],
      ['small', undefined],
      ['same', 1],
    ])
    expect(numbersOf(openModel(result.path).graph.find('w')!.constant!)[999]).toBe(999)
  })

  it('of a subgraph stand beside the model too', async () => {
    const branch = graphProto({ initializer: [bigTensor('inner')], node: [nodeProto('Neg', ['inner'], ['b'])], output: [info('b')] })
    const model = openModel(
      modelBlob({
        input: [info('c', 9, [])],
        node: [nodeProto('If', ['c'], ['y'], { attribute: [attributeProto('then_branch', { type: 5, g: branch })] })],
      }),
    )
    const result = await written(model, { externalData: 'always' })
    expect(statSync(result.data!).size).toBe(4000)
  })

  it('go beside the model by themselves when it would pass 2 GiB, and are refused when that is not wanted', async () => {
    const vast: Blob = { id: 'vast', size: 2 ** 31, read: () => expect.unreachable('not to be read before it is known where it goes') }
    const model = openModel(modelBlob(graph()))
    model.graph.addInitializer('vast', tensorAt(vast, { offset: 0, length: 2 ** 31, dtype: 'uint8', dims: [2 ** 31] }))
    expect(await problemFrom(written(model, { externalData: 'never' }))).toMatchObject({ kind: 'file', code: 'too-large' })
    const cancelled = new AbortController()
    cancelled.abort(new Error('enough'))
    const zeros: Blob = { id: 'zeros', size: 2 ** 31, read: (from, to) => new Uint8Array(to - from) }
    model.graph.setInitializer(model.graph.find('vast')!, tensorAt(zeros, { offset: 0, length: 2 ** 31, dtype: 'uint8', dims: [2 ** 31] }))
    const sizes: number[] = []
    await expect(written(model, { signal: cancelled.signal, onProgress: (_, of) => sizes.push(of) })).rejects.toThrow('enough')
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('writing', () => {
  it('gives the same bytes for the same model', async () => {
    const model = openModel('samples/text-bert/model.onnx').fork()
    const one = await writeModel(model, join(folder, 'one.onnx'), { externalData: 'always' })
    const other = await writeModel(model.fork(), join(folder, 'other.onnx'), { externalData: 'always' })
    expect(readFileSync(one.data!).equals(readFileSync(other.data!))).toBe(true)
    const text = (path: string) => readFileSync(path).toString('latin1')
    expect(text(one.path)).toBe(text((await writeModel(model, join(folder, 'one.onnx'), { externalData: 'always' })).path))
  })

  it('copies a file that was not changed byte for byte, and encodes one that was', async () => {
    const source = join(folder, 'source.onnx')
    writeFileSync(
      source,
      modelBytes(graph(), {
        functions: [
          { name: 'F', domain: 'd', input: [], output: [], attribute: [], node: [], opset: [], attributeDefaults: [], valueInfo: [] },
        ],
      }),
    )
    const model = openModel(source)
    await written(model.fork())
    expect(readFileSync(join(folder, 'model.onnx')).equals(readFileSync(source))).toBe(true)
    model.graph.rename(model.graph.find('h')!, 'hidden')
    await written(model)
    expect(protoOf(join(folder, 'model.onnx')).graph!.node[0]!.output).toEqual(['hidden'])
  })

  it('refuses to copy a file that was changed since it was opened', async () => {
    const source = join(folder, 'source.onnx')
    writeFileSync(source, modelBytes(graph()))
    const model = openModel(source)
    writeFileSync(source, modelBytes({ ...graph(), name: 'another' }))
    expect(await problemFrom(written(model))).toMatchObject({ code: 'file-changed' })
    expect(readdirSync(folder)).toEqual(['source.onnx'])
  })

  it('never goes over a file that the model is read from', async () => {
    const source = join(folder, 'model.onnx')
    writeFileSync(source, modelBytes(graph()))
    const model = openModel(source)
    expect(await problemFrom(written(model))).toMatchObject({ code: 'own-source', where: { file: source } })
    const outside = await writeModel(model, join(folder, 'outside.onnx'), { externalData: 'always' })
    const copy = openModel(outside.path)
    expect(await problemFrom(writeModel(copy, join(folder, 'outside.onnx'), { externalData: 'always' }))).toMatchObject({
      code: 'own-source',
    })
    expect(readFileSync(source).equals(Buffer.from(modelBytes(graph())))).toBe(true)
  })

  it('leaves the old file alone and nothing half-written when it fails', async () => {
    const target = join(folder, 'model.onnx')
    writeFileSync(target, 'old')
    const model = openModel(modelBlob(graph()))
    const broken: Blob = {
      id: 'broken',
      size: 8000,
      read: () => {
        throw new Error('the disk is gone')
      },
    }
    model.graph.addInitializer('broken', tensorAt(broken, { offset: 0, length: 8000, dtype: 'uint8', dims: [8000] }))
    for (const externalData of ['never', 'always'] as const)
      await expect(written(model, { externalData })).rejects.toThrow('the disk is gone')
    expect(readFileSync(target, 'utf8')).toBe('old')
    expect(readdirSync(folder)).toEqual(['model.onnx'])
    expect(await problemFrom(writeModel(model, join(folder, 'no', 'model.onnx')))).toMatchObject({ kind: 'file', code: 'missing-file' })
  })

  it('keeps large weights in order, and stops in the middle of them without a trace', async () => {
    const size = 9_000_001
    const bytes = Uint8Array.from({ length: size }, (_, index) => (index * 7919) >> 5)
    let failFrom = Number.POSITIVE_INFINITY
    const blob: Blob = {
      id: 'large',
      size,
      read: (from, to) => {
        if (to > failFrom) throw new Error('the disk is gone')
        return bytes.subarray(from, to)
      },
    }
    const model = openModel(modelBlob(graph()))
    model.graph.addInitializer('large', tensorAt(blob, { offset: 0, length: size, dtype: 'uint8', dims: [size] }))
    const { path } = await written(model)
    const back = openModel(path).graph.find('large')!.constant!.read()
    expect(Buffer.compare(back, bytes)).toBe(0)
    failFrom = 8_500_000
    await expect(written(model)).rejects.toThrow('the disk is gone')
    expect(readdirSync(folder)).toEqual(['model.onnx'])
    failFrom = Number.POSITIVE_INFINITY
    const stop = new AbortController()
    const onProgress = (done: number) => done > 0 && stop.abort(new Error('enough'))
    await expect(written(model, { onProgress, signal: stop.signal })).rejects.toThrow('enough')
    expect(readdirSync(folder)).toEqual(['model.onnx'])
  })

  it('reports its progress up to the end', async () => {
    const seen: (readonly [number, number])[] = []
    const result = await written(openModel(modelBlob(graph())), { onProgress: (done, of) => seen.push([done, of]) })
    expect(seen.at(-1)).toEqual([result.bytes, result.bytes])
  })
})

describe('skeletons', () => {
  const source = () => {
    const path = join(folder, 'source.onnx')
    writeFileSync(path, modelBytes(graph()))
    return path
  }

  it('link the file with the weights instead of copying it', async () => {
    const path = source()
    const model = openModel(path).fork()
    const w = model.graph.find('w')!
    model.graph.addInitializer('made', float32Tensor([1000], big))
    const result = await writeSkeleton(model, join(folder, 'version'))
    const files = readdirSync(join(folder, 'version'))
    expect(files).toHaveLength(3)
    const link = files.find((file) => file.endsWith('.bin'))!
    expect(statSync(join(folder, 'version', link)).ino).toBe(statSync(path).ino)
    expect(statSync(result.data!).size).toBe(4000)
    const again = openModel(result.path)
    expect(again.graph.find('w')!.constant!.ref).toMatchObject({ offset: w.constant!.ref.offset, length: 4000 })
    expect([...numbersOf(again.graph.find('made')!.constant!)]).toEqual([...big])
  })

  it('of several versions share a folder and the links in it', async () => {
    const model = openModel(source())
    const version = join(folder, 'version')
    await writeSkeleton(model, version, { name: 'a.onnx' })
    await writeSkeleton(model, version, { name: 'b.onnx' })
    await writeSkeleton(model, version, { name: 'b.onnx' })
    expect(readdirSync(version).filter((file) => file.endsWith('.bin'))).toHaveLength(1)
    expect(existsSync(join(version, 'a.onnx')) && existsSync(join(version, 'b.onnx'))).toBe(true)
  })

  it('refuse a source that was changed since it was opened', async () => {
    const path = source()
    const model = openModel(path)
    writeFileSync(path, modelBytes({ ...graph(), name: 'another' }))
    expect(await problemFrom(writeSkeleton(model, join(folder, 'version')))).toMatchObject({ code: 'file-changed' })
  })
})
