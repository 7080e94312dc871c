import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { exportedSchema } from '../../../core/api/answers.ts'
import { chain, problemFrom, testEngine } from '../../support/engine.ts'
import { modelFile } from '../../support/model-file.ts'
import { sample } from '../../support/run-cli.ts'

const engine = await testEngine()
const [model, data] = [sample('digits-cnn', 'model.onnx'), sample('digits-cnn', 'dataset.json')]
const hash = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex')
const file = (...path: string[]) => join(engine.folder, ...path)

describe('exporting .onnx', () => {
  it('copies an untouched model byte for byte, and has run it', async () => {
    const exported = await engine.export({ model, format: 'onnx', out: file('same.onnx'), verify: data })
    expect(exported).toMatchObject({
      file: file('same.onnx'),
      ops: { Conv: 15 },
      verification: { maxAbs: 0, cosine: 1, agreement: 1, samples: 32, passed: true },
    })
    expect(hash(file('same.onnx'))).toBe(hash(model))
    expect(exported.bytes).toBe(statSync(model).size)
  })

  it('writes a version of a run, told beside the opened model, with weights apart where asked', async () => {
    await engine.run({ model, pipeline: chain(['tidy', 'clean-up'], ['half', 'convert-float16']), measure: false }, { run: 'r' })
    mkdirSync(file('deep'))
    const exported = await engine.export({
      model,
      run: 'r',
      stage: 'half',
      format: 'onnx',
      out: file('deep', 'half.onnx'),
      externalData: true,
      verify: data,
    })
    expect(readdirSync(file('deep')).sort()).toEqual(['half.onnx', 'half.onnx.data'])
    expect(exported.files).toHaveLength(2)
    expect(exported.bytes).toBeLessThan(0.6 * statSync(model).size)
    expect(exported.verification).toMatchObject({ agreement: 1, passed: true })
  })

  it('raises the operator set where asked, and says that it lowers none', async () => {
    const exported = await engine.export({ model, format: 'onnx', out: file('raised.onnx'), opset: 21, verify: data })
    expect(exported.verification).toMatchObject({ agreement: 1, passed: true })
    expect((await engine.open({ path: file('raised.onnx') })).opset).toBe(21)
    const lower = await problemFrom(engine.export({ model, format: 'onnx', out: file('lower.onnx'), opset: 9 }))
    expect(lower).toMatchObject({ code: 'opset-range', where: { path: 'opset' } })
    expect(existsSync(file('lower.onnx'))).toBe(false)
  })

  it('is checked on longer inputs where a model does not run on the usual ones', async () => {
    const frames = '(x: float32[1, samples]) -> (y)\n  f = Reshape(x, int64[3] {1, -1, 4096})\n  y = ReduceMean(f) {keepdims: 0}'
    const path = await modelFile(engine.folder, frames)
    const { verification } = await engine.export({ model: path, format: 'onnx', out: file('frames.onnx') })
    expect(verification).toMatchObject({ agreement: 1, passed: true, samples: 4 })
  })

  it('writes report and pipeline of the run beside the file', async () => {
    const report = await engine.run({ model, pipeline: chain(['tidy', 'clean-up']), measure: false }, { run: 'told' })
    mkdirSync(file('told'))
    const request = { model, run: 'told', stage: 'tidy', format: 'onnx', out: file('told', 'a.onnx'), check: false } as const
    expect((await engine.export(request)).reports).toEqual([])
    const { reports } = await engine.export({ ...request, report: true })
    expect(reports).toEqual(['report.html', 'report.json', 'pipeline.json'].map((name) => file('told', `a.${name}`)))
    expect(JSON.parse(readFileSync(reports[1]!, 'utf8'))).toEqual(JSON.parse(JSON.stringify(report)))
    expect(readFileSync(reports[0]!, 'utf8')).toMatch(/^<!doctype html>/i)
  })

  it('never writes over a file that the model is read from', async () => {
    const own = await modelFile(engine.folder, '(x: float32[2]) -> (y: float32[2])\n  y = Relu(x)')
    const before = hash(own)
    expect(await problemFrom(engine.export({ model: own, format: 'onnx', out: own }))).toMatchObject({
      code: 'own-source',
      where: { file: own },
    })
    expect(hash(own)).toBe(before)
  })

  it('writes a model that no runtime here can run, and says why it was not checked', async () => {
    const odd = await modelFile(engine.folder, '(x: float32[2]) -> (y: float32[2])\n  y = nowhere.Odd(x)')
    const { verification } = await engine.export({ model: odd, format: 'onnx', out: file('odd.onnx') })
    expect(verification).toMatchObject({ unavailable: expect.stringContaining('could not be run itself') })
    expect(hash(file('odd.onnx'))).toBe(hash(odd))
  })

  describe.each(['onnx', 'tflite'] as const)('of outputs that are no finite numbers, as .%s', (format) => {
    it.each([
      ['NaN', 'y = Div(d, d)', 'nothing finite was compared'],
      ['infinity', 'y = Reciprocal(d)', 'nothing finite was compared'],
    ])('says that nothing was compared: %s', async (_, body, why) => {
      const path = await modelFile(engine.folder, `(x: float32[1, 4]) -> (y: float32[1, 4])\n  d = Sub(x, x)\n  ${body}`)
      const exported = exportedSchema.parse(await engine.export({ model: path, format, out: file(`special.${format}`) }))
      expect(exported.verification).toEqual({ unavailable: expect.stringContaining(why) })
    })

    it('tells of NaN among numbers', async () => {
      const path = await modelFile(engine.folder, '(x: float32[1, 64]) -> (y: float32[1, 64])\n  y = Sqrt(x)')
      const exported = exportedSchema.parse(await engine.export({ model: path, format, out: file(`some.${format}`) }))
      expect(exported.verification).toMatchObject({ passed: true })
      expect(exported.notes.join(' ')).toMatch(
        /\d+ of 256 checked output elements are NaN or infinite in the model and the same in the file/,
      )
    })

    it('compares zeros', async () => {
      const path = await modelFile(engine.folder, '(x: float32[1, 4]) -> (y: float32[1, 4])\n  y = Sub(x, x)')
      const exported = exportedSchema.parse(await engine.export({ model: path, format, out: file(`zero.${format}`) }))
      expect(exported.verification).toMatchObject({ passed: true, cosine: 1, maxAbs: 0 })
    })
  })

  it('names a folder that is in the way of a file, and leaves nothing', async () => {
    mkdirSync(file('blocked', 'x.onnx.data'), { recursive: true })
    const request = { model, format: 'onnx', out: file('blocked', 'x.onnx'), externalData: true } as const
    const problem = await problemFrom(engine.export(request))
    expect(problem).toMatchObject({ kind: 'file', code: 'not-a-file', where: { file: file('blocked', 'x.onnx.data') } })
    expect(readdirSync(file('blocked'))).toEqual(['x.onnx.data'])
  })

  it('says when the place cannot be written, and leaves nothing', async () => {
    const problem = await problemFrom(engine.export({ model, format: 'onnx', out: join(model, 'x.onnx') }))
    expect(problem).toMatchObject({ kind: 'file', where: { file: join(model, 'x.onnx') } })
  })
})

describe('exporting .tflite', () => {
  it('lowers the model, writes it, and runs the file in LiteRT beside the model', async () => {
    const exported = await engine.export({ model, format: 'tflite', out: file('a.tflite'), verify: data, nhwcInputs: true })
    expect(exported.verification).toMatchObject({ agreement: 1, samples: 32, passed: true, inputs: 'evaluation samples' })
    expect(exported.verification).toMatchObject({ ranBy: 'LiteRT in WebAssembly', why: null, latencyMs: { runs: 31 } })
    expect(exported.verification).toMatchObject({ accuracy: { metric: 'accuracy', baseline: 0.99, candidate: 0.99, samples: 400 } })
    expect(exported.ops).toMatchObject({ CONV_2D: 15 })
    expect(exported.notes).toEqual(['The batch is fixed at 1.', "'input' is float32, channels last."])
    expect(readFileSync(file('a.tflite')).subarray(4, 8).toString()).toBe('TFL3')
  })

  it('stores weights in fewer bits where asked, and tells what that costs', async () => {
    const whole = await engine.export({ model, format: 'tflite', out: file('w32.tflite'), check: false })
    const exported = await engine.export({ model, format: 'tflite', out: file('w8.tflite'), verify: data, weights: 'int8' })
    expect(exported.bytes).toBeLessThan(0.3 * whole.bytes)
    expect(exported.verification).toMatchObject({ passed: true, accuracy: { baseline: 0.99 } })
    const { accuracy } = exported.verification as { accuracy: { candidate: number } }
    expect(accuracy.candidate).toBeGreaterThanOrEqual(0.985)
  })

  it('exports the accuracy that was measured, all kernels in 8 bits, borders in float or 8 bits', async () => {
    await engine.run({ model, pipeline: 'mobile-int8', data, measure: false }, { run: 'mobile' })
    const request = { model, run: 'mobile', stage: 'int8', format: 'tflite', verify: data } as const
    const float = await engine.export({ ...request, out: file('f8.tflite') })
    expect(float.ops).toMatchObject({ CONV_2D: 15, FULLY_CONNECTED: 1, MEAN: 1, QUANTIZE: 1, DEQUANTIZE: 1 })
    expect(float.verification).toMatchObject({ passed: true, accuracy: { baseline: 0.99 } })
    const { accuracy } = float.verification as { accuracy: { candidate: number } }
    expect(accuracy.candidate).toBeGreaterThanOrEqual(0.985)
    mkdirSync(file('eight'))
    const whole = await engine.export({ ...request, out: file('eight', 'i8.tflite'), int8Borders: true })
    expect(whole.verification).toMatchObject({ passed: true })
    // The twin that was checked is gone.
    expect(readdirSync(file('eight'))).toEqual(['i8.tflite'])
    expect(whole.files).toEqual([file('eight', 'i8.tflite')])
    expect(whole.ops).not.toHaveProperty('QUANTIZE')
    expect(whole.ops).not.toHaveProperty('DEQUANTIZE')
    expect(whole.notes.find((note) => note.startsWith('Checked by a twin'))).toContain("'input' as float32, 'logits' as float32")
  })

  it('names the mend of what passes made for another runtime once, and it works', async () => {
    const bert = sample('text-bert', 'model.onnx')
    const pipeline = chain(['tidy', 'clean-up'], ['fused', 'fuse'])
    await engine.run({ model: bert, pipeline, target: 'ort', measure: false }, { run: 'ort' })
    const request = { model: bert, stage: 'fused', format: 'tflite', sizes: { sequence: 32 }, check: false } as const
    const refused = await engine.export({ ...request, run: 'ort', out: file('ort.tflite') })
    expect(refused.files).toEqual([])
    expect(refused.unsupported.some(({ op }) => op.startsWith('com.microsoft.'))).toBe(true)
    expect(refused.unsupported.map(({ reason }) => reason).join(' ')).not.toContain('target')
    expect(refused.notes).toEqual([expect.stringMatching(/nodes were made for another runtime: choose LiteRT as the target/)])
    await engine.run({ model: bert, pipeline, target: 'tflite', measure: false }, { run: 'lite' })
    const mended = await engine.export({ ...request, run: 'lite', out: file('lite.tflite') })
    expect(mended).toMatchObject({ unsupported: [], files: [file('lite.tflite')] })
  })

  it.each([
    ['(x: float32[1, 4]) -> (y: string[1, 4])\n  y = Cast(x) {to: 8}', 'Cast'],
    ['(x: string[4]) -> (y: string[4])\n  y = Identity(x)', 'Identity'],
  ])('refuses texts: %s', async (text, op) => {
    const request = { model: await modelFile(engine.folder, text), format: 'tflite', out: file('text.tflite') } as const
    const { unsupported, files } = await engine.export(request)
    expect(files).toEqual([])
    expect(unsupported).toEqual([expect.objectContaining({ op, reason: expect.stringContaining('texts') })])
  })

  it('keeps nothing of a file that gives something else, unless it is forced', async () => {
    // Differences in the last digits of the sums decide what the sine of so large a number is.
    const wild = await modelFile(
      engine.folder,
      `(x: float32[4, 64]) -> (y: float32[4, 64])
  w = float32[64, 64]
  p = MatMul(x, w)
  c = float32[] {1000000}
  b = Mul(p, c)
  y = Sin(b)`,
    )
    const request = { model: wild, format: 'tflite', out: file('wild.tflite') } as const
    expect(await problemFrom(engine.export(request))).toMatchObject({ kind: 'verification', code: 'export-differs' })
    expect(existsSync(request.out)).toBe(false)
    const forced = await engine.export({ ...request, force: true })
    expect(forced.verification).toMatchObject({ passed: false })
    expect(existsSync(request.out)).toBe(true)
  })

  it('runs bool borders through a twin', async () => {
    const logic = await modelFile(engine.folder, '(a: bool[4], b: bool[4]) -> (y: bool[4])\n  y = And(a, b)')
    const exported = await engine.export({ model: logic, format: 'tflite', out: file('logic.tflite') })
    expect(exported.verification).toMatchObject({ passed: true, maxAbs: 0 })
    expect(exported.notes).toEqual([expect.stringContaining("'a' as int32, 'b' as int32, 'y' as int32")])
  })

  it('says when 8-bit borders were asked for in vain', async () => {
    const path = await modelFile(engine.folder, '(x: float32[1, 4]) -> (y: float32[1, 4])\ny = Relu(x)')
    const { notes } = await engine.export({ model: path, format: 'tflite', out: file('float.tflite'), int8Borders: true })
    expect(notes.join()).toContain('No input or output is 8-bit')
  })

  it('says of an open batch that a fixed one may convert', async () => {
    const path = await modelFile(
      engine.folder,
      '(x: float32[n, 4], i: int64[1, 1], u: float32[1, 4]) -> (y: float32[n, 4])\ny = ScatterND(x, i, u)',
    )
    const request = { model: path, format: 'tflite', out: file('open.tflite') } as const
    const open = await engine.export({ ...request, dynamicBatch: true })
    expect(open.unsupported).toMatchObject([{ op: 'ScatterND', reason: expect.stringContaining('known only at run time') }])
    expect(open.notes.join()).toContain('--dynamic-batch')
    expect(await engine.export(request)).toMatchObject({ unsupported: [], verification: { passed: true } })
  })

  it('lists everything that cannot be converted, and writes nothing', async () => {
    const odd = await modelFile(
      engine.folder,
      `(x: float32[2, 2]) -> (y: float32[2, 2])
  d = Det(x)
  y = Add(x, d)`,
    )
    const exported = await engine.export({ model: odd, format: 'tflite', out: file('b.tflite') })
    expect(exported.unsupported.map(({ op }) => op)).toContain('Det')
    expect(exported.verification).toEqual({ unavailable: 'nothing was written' })
    expect(existsSync(file('b.tflite'))).toBe(false)
  })
})
