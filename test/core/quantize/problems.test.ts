import { describe, expect, it } from 'vitest'
import type { Target } from '../../../core/api/pipeline.ts'
import { float32Tensor } from '../../../core/ir/numbers.ts'
import type { Pass } from '../../../core/pass.ts'
import { mixedPrecision } from '../../../core/passes/mixed-precision.ts'
import { quantizeDynamic } from '../../../core/passes/quantize-dynamic.ts'
import { quantizeStatic } from '../../../core/passes/quantize-static.ts'
import { quantizeWeights } from '../../../core/passes/quantize-weights.ts'
import { modelOf } from '../../support/graph.ts'
import { madeUpData } from '../../support/noise-data.ts'
import { workshop } from '../../support/pass-context.ts'

const shop = await workshop()
const product = modelOf('(x: float32[n, 64]) -> (y: float32[n, 64])\nh = MatMul(x, float32[64, 64])\ny = MatMul(h, float32[64, 64])')
const small = { smallest: 0 }

const runFor = <O>(pass: Pass<O>, target: Target, options: object) =>
  pass.run(product.fork(), pass.options.parse(options), { ...shop.context(), target })

describe('no kernel for the target', () => {
  it.each<Target>(['tensorrt', 'tflite'])('products quantized as they run, on %s', async (target) => {
    await expect(runFor(quantizeDynamic, target, small)).rejects.toThrow(new RegExp(`target ${target}.*Use quantize-static`))
  })

  it.each<Target>(['tensorrt', 'onnx'])('blocks of weights in the form of ONNX Runtime, on %s', async (target) => {
    await expect(runFor(quantizeWeights, target, small)).rejects.toThrow(new RegExp(`target ${target}.*form qdq`))
  })

  it('but as quantizers of the standard', async () => {
    const { changed } = await runFor(quantizeWeights, 'onnx', { ...small, form: 'qdq', method: 'rtn' })
    expect(changed).toBe(true)
  })
})

describe('a model that is quantized already', () => {
  const quantized = modelOf(`(x: float32[n, 16]) -> (y: float32[n, 16])
    q = QuantizeLinear(x, float32 0.1, uint8 0)
    d = DequantizeLinear(q, float32 0.1, uint8 0)
    y = MatMul(d, float32[16, 16])`)

  it('is refused where its ranges would be needed', async () => {
    const data = await madeUpData(shop, { name: 'x', dims: [16], count: 4 }, (i) => i / 64)
    for (const pass of [quantizeStatic, mixedPrecision] as readonly Pass<unknown>[])
      await expect(shop.run(pass, quantized, {}, data)).rejects.toThrow(/quantized already: it has a QuantizeLinear/)
  })

  it('and elsewhere the reason why there is nothing to do', () => {
    for (const pass of [quantizeDynamic, quantizeWeights] as readonly Pass<unknown>[])
      expect(pass.pointless?.(quantized, pass.options.parse({}))).toMatch(/quantized already \(it has a QuantizeLinear\)/)
  })
})

describe('weights that are inputs as well', () => {
  it('are no constants, and the reason says so', () => {
    const model = modelOf('(x: float32[n, 64], w: float32[64, 64]) -> (y: float32[n, 64])\ny = MatMul(x, w)')
    model.graph.addInitializer('w', float32Tensor([64, 64], new Float32Array(4096)))
    for (const pass of [quantizeDynamic, quantizeStatic, quantizeWeights] as readonly Pass<unknown>[])
      expect(pass.pointless?.(model, pass.options.parse(small))).toMatch(
        /: 1 weight is an input of the model as well \(w\), which whoever runs it/,
      )
  })
})

describe('activations that hold no numbers', () => {
  it('are named before weights are rounded by their moments', async () => {
    const model = modelOf(`(x: float32[n, 64]) -> (y: float32[n, 64])
      l = Log(x)
      h = MatMul(l, float32[64, 64])
      y = MatMul(h, float32[64, 64])`)
    const data = await madeUpData(shop, { name: 'x', dims: [64], count: 4 }, (i) => i - 128)
    await expect(shop.run(quantizeWeights, model, { ...small, method: 'gptq' }, data)).rejects.toThrow(/NaN or infinite.*tensor l/)
  })
})
