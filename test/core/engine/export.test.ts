import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
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

  it('never writes over a file that the model is read from', async () => {
    const own = await modelFile(engine.folder, '(x: float32[2]) -> (y: float32[2])\n  y = Relu(x)')
    const before = hash(own)
    expect(await problemFrom(engine.export({ model: own, format: 'onnx', out: own }))).toMatchObject({
      code: 'own-source',
      where: { file: own },
    })
    expect(hash(own)).toBe(before)
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
    expect(exported.ops).toMatchObject({ CONV_2D: 15 })
    expect(exported.notes).toEqual(['The batch is fixed at 1.', "'input' is float32, channels last."])
    expect(readFileSync(file('a.tflite')).subarray(4, 8).toString()).toBe('TFL3')
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
