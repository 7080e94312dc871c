import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ProblemError } from '../../../../core/api/problem.ts'
import type { DType } from '../../../../core/ir/dtype.ts'
import { openModel } from '../../../../core/onnx/read.ts'
import { modelOf } from '../../../support/graph.ts'
import { modelFile, sessionOf, testFolder } from '../../../support/model-file.ts'
import { testRuntime } from '../../../support/spawn-runtime.ts'
import { floatsIn, randomTensor, tensorData } from '../../../support/tensor-data.ts'

const folder = testFolder()
const runtime = await testRuntime()

const problemOf = (promise: Promise<unknown>) =>
  promise.then(
    () => {
      throw new Error('it succeeded')
    },
    (error: unknown) => {
      expect(error).toBeInstanceOf(ProblemError)
      return (error as ProblemError).problem
    },
  )

const types: readonly DType[] = [
  ...(['float32', 'float64', 'float16', 'int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64', 'bool'] as const),
]

const dequantized = (dtype: string) => `opset 21\n(x: ${dtype}[2]) -> (y: float32[2])\ny = DequantizeLinear(x, float32 0.5)`
const texts = {
  bfloat16: 'opset 21\n(x: bfloat16[2]) -> (y: bfloat16[2])\ny = Identity(x)',
  int4: dequantized('int4'),
  uint4: dequantized('uint4'),
}

describe('execute', () => {
  it.each(types)('passes %s in and out, bit by bit', async (dtype) => {
    const model = await modelFile(folder, `opset 17\n(x: ${dtype}[2, 3]) -> (y: ${dtype}[2, 3])\ny = Identity(x)`)
    const x = tensorData(dtype, [2, 3], dtype === 'bool' ? [0, 1, 1, 0, 0, 1] : [0, 1, 2, 3, 100, 127])
    const { y } = await runtime.execute({ session: sessionOf(model), feeds: { x }, wanted: [] })
    expect({ ...y, data: Uint8Array.from(y?.data ?? []) }).toEqual({ ...x, data: Uint8Array.from(x.data) })
  })

  it('passes strings', async () => {
    const model = await modelFile(folder, 'opset 17\n(x: string[n]) -> (y: string[n])\ny = Identity(x)')
    const x = { dtype: 'string', dims: [2], data: new Uint8Array(0), strings: ['grün', ''] } as const
    const { y } = await runtime.execute({ session: sessionOf(model), feeds: { x }, wanted: [] })
    expect(y?.strings).toEqual(['grün', ''])
  })

  it.each(['bfloat16', 'int4', 'uint4'] as const)('says that %s has no way through', async (dtype) => {
    const model = await modelFile(folder, texts[dtype])
    const problem = await problemOf(
      runtime.execute({ session: sessionOf(model), feeds: { x: tensorData(dtype, [2], [0, 1]) }, wanted: [] }),
    )
    expect(problem).toMatchObject({ kind: 'unsupported', code: 'runtime-tensor-type' })
    expect(problem.what).toContain(dtype)
  })

  it('leaves out outputs that have no way through when there are others, and refuses them by name', async () => {
    const text = 'opset 21\n(x: float32[2]) -> (y: float32[2], q: int4[2])\ny = Neg(x)\nq = Cast(x) {to: 22}'
    const session = sessionOf(await modelFile(folder, text))
    const feeds = { x: tensorData('float32', [2], [1, 2]) }
    expect(Object.keys(await runtime.execute({ session, feeds, wanted: [] }))).toEqual(['y'])
    const { runs } = await runtime.time({ sessions: [session], feeds: [feeds], rounds: 2, warmup: 1, seed: 1 })
    expect(runs[0]).toHaveLength(2)
    const problem = await problemOf(runtime.execute({ session, feeds, wanted: ['q'] }))
    expect(problem).toMatchObject({ kind: 'unsupported', code: 'runtime-tensor-type', where: { tensor: 'q' } })
  })

  const classifier = '../shared/real-models/lr_mnist_scikit/model.onnx'

  it.skipIf(!existsSync(classifier))('runs a classifier whose probabilities are a sequence of maps', async () => {
    const input = openModel(classifier).graph.inputs[0]!
    const feeds = { [input.name]: randomTensor([1, 780], 3) }
    const outputs = await runtime.execute({ session: sessionOf(classifier), feeds, wanted: [] })
    expect(Object.values(outputs).map(({ dtype }) => dtype)).toEqual(['int64'])
  })

  const chain = 'opset 17\n(x: float32[2, 3]) -> (y: float32[2, 3])\nh = Relu(x)\ng = Neg(h)\ny = Exp(g)'

  it('gives what is wanted, and values that are exposed', async () => {
    const x = randomTensor([2, 3], 1)
    const session = sessionOf(await modelFile(folder, chain), { expose: ['h', 'y', 'g', 'h'] })
    const outputs = await runtime.execute({ session, feeds: { x }, wanted: ['g', 'y'] })
    expect(Object.keys(outputs).sort()).toEqual(['g', 'y'])
    const relu = Array.from(floatsIn(x), (number) => Math.max(0, number))
    floatsIn(outputs.g as typeof x).forEach((number, i) => {
      expect(number).toBeCloseTo(-(relu[i] as number), 6)
    })
  })

  it('exposes values of a model whose weights lie in another file', async () => {
    const text = 'opset 17\n(x: float32[1, 64]) -> (y: float32[1, 64])\nw = float32[64, 64]\nh = MatMul(x, w)\ny = Relu(h)'
    const model = await modelFile(folder, text, { externalData: 'always' })
    const feeds = { x: randomTensor([1, 64], 2) }
    const { h, y } = await runtime.execute({ session: sessionOf(model, { expose: ['h'] }), feeds, wanted: [] })
    expect(floatsIn(y as typeof feeds.x)).toEqual(floatsIn(h as typeof feeds.x).map((number) => Math.max(0, number)))
  })

  it('takes the file as it is now', async () => {
    const model = await modelFile(folder, chain)
    const feeds = { x: tensorData('float32', [2, 3], [0, 0, 0, 0, 0, 0]) }
    const first = await runtime.execute({ session: sessionOf(model), feeds, wanted: [] })
    expect(floatsIn(first.y as typeof feeds.x)[0]).toBe(1)
    const other = await modelFile(folder, 'opset 17\n(x: float32[2, 3]) -> (y: float32[2, 3])\nc = Cos(x)\ny = Neg(c)')
    writeFileSync(model, readFileSync(other))
    const second = await runtime.execute({ session: sessionOf(model), feeds, wanted: [] })
    expect(floatsIn(second.y as typeof feeds.x)[0]).toBe(-1)
  })

  it('names the input that was given no data, or too little', async () => {
    const session = sessionOf(await modelFile(folder, chain))
    expect(await problemOf(runtime.execute({ session, feeds: {}, wanted: [] }))).toMatchObject({
      ...{ kind: 'input', code: 'missing-input', where: { tensor: 'x' } },
    })
    const short = { ...randomTensor([2, 3], 1), dims: [2, 4] }
    expect(await problemOf(runtime.execute({ session, feeds: { x: short }, wanted: [] }))).toMatchObject({ code: 'tensor-length' })
    const wrong = await problemOf(runtime.execute({ session, feeds: { x: randomTensor([3, 3], 1) }, wanted: [] }))
    expect(wrong).toMatchObject({ kind: 'runtime', code: 'run-failed', where: { tensor: 'x' } })
    expect(wrong.what).toContain('Got: 3 Expected: 2')
  })

  it('names the output that does not exist', async () => {
    const session = sessionOf(await modelFile(folder, chain))
    const feeds = { x: randomTensor([2, 3], 1) }
    expect(await problemOf(runtime.execute({ session, feeds, wanted: ['z'] }))).toMatchObject({
      ...{ code: 'unknown-output', where: { tensor: 'z' }, mend: 'Ask for one of y, or expose it.' },
    })
    const exposing = await problemOf(runtime.execute({ session: { ...session, expose: ['z'] }, feeds, wanted: ['z'] }))
    expect(exposing).toMatchObject({ kind: 'runtime', code: 'model-refused' })
    expect(exposing.what).toContain('Graph output (z) does not exist')
  })

  it('names the node that fails while it runs, with the raw message as details', async () => {
    const text = 'opset 17\n(x: float32[2, 3], i: int64[1]) -> (y: float32[1, 3])\nh = Relu(x)\ny = Gather(h, i) {axis: 0}'
    const model = modelOf(text)
    const gather = model.graph.nodes.find((node) => node.opType === 'Gather')
    Object.assign(gather as object, { name: 'pick' })
    const session = sessionOf(await modelFile(folder, model))
    const feeds = { x: randomTensor([2, 3], 1), i: tensorData('int64', [1], [7]) }
    const problem = await problemOf(runtime.execute({ session, feeds, wanted: [] }))
    expect(problem).toMatchObject({ kind: 'runtime', code: 'run-failed', where: { file: session.model, node: 'pick' } })
    expect(problem.what).toMatch(/Gather: indices element out of data bounds/)
    expect(problem.details).toContain('Non-zero status code returned while running Gather node')
  })

  it('names the node that has no kernel', async () => {
    const text = 'opset 17\n(x: bfloat16[2, 2]) -> (z: float32[2, 2])\ny = MatMul(x, x)\nz = Cast(y) {to: 1}'
    const problem = await problemOf(runtime.execute({ session: sessionOf(await modelFile(folder, text)), feeds: {}, wanted: [] }))
    expect(problem).toMatchObject({ kind: 'runtime', code: 'model-refused' })
    expect(problem.where.node).toMatch(/MatMul/)
  })

  it('says which file is missing, and which is no model', async () => {
    const missing = join(folder, 'nowhere.onnx')
    expect(await problemOf(runtime.execute({ session: sessionOf(missing), feeds: {}, wanted: [] }))).toMatchObject({
      ...{ kind: 'file', code: 'missing-file', where: { file: missing } },
    })
    const garbage = join(folder, 'garbage.onnx')
    writeFileSync(garbage, 'this is no model')
    expect(await problemOf(runtime.execute({ session: sessionOf(garbage), feeds: {}, wanted: [] }))).toMatchObject({
      ...{ kind: 'runtime', code: 'model-refused', where: { file: garbage } },
    })
  })
})
