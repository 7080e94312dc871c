import { describe, expect, it } from 'vitest'
import type { SampleData } from '../../../core/data/open.ts'
import type { Pass } from '../../../core/pass.ts'
import { convertFloat16 } from '../../../core/passes/convert-float16.ts'
import { raiseToLeast, whyNotRaised } from '../../../core/passes/least-opset.ts'
import { mixedPrecision } from '../../../core/passes/mixed-precision.ts'
import { quantizeDynamic } from '../../../core/passes/quantize-dynamic.ts'
import { quantizeStatic } from '../../../core/passes/quantize-static.ts'
import { modelOf } from '../../support/graph.ts'
import { sqnr, workshop } from '../../support/pass-context.ts'
import { normals, seeded } from '../../support/seeds.ts'

const shop = await workshop()

async function noise(name: string, dims: readonly number[]): Promise<SampleData> {
  const normal = normals(seeded(`noise ${dims.join()}`))
  const count = 16
  const values = Float32Array.from({ length: count * dims.reduce((a, b) => a * b, 1) }, () => normal())
  const { id } = await shop.store.put(new Uint8Array(values.buffer))
  const table = { id: `${id} ${name}`, count, inputs: [{ name, dtype: 'float32' as const, dims, file: shop.store.pathOf(id), offset: 0 }] }
  const samples = { table, labels: null, labelColumn: null, description: 'noise' }
  const metric = { kind: 'sqnr' } as const
  return { calibration: samples, selection: null, evaluation: samples, metric, random: true, notes: [], preparationMs: 0 }
}

// Softmax means something else from 13 on, and a clip takes its limits as inputs from 11 on: raised without rewriting, both would compute wrongly.
const network = (opset: number): string => `opset ${opset}
  (x: float32[batch, 4, 8, 8]) -> (y: float32[batch, 16, 4])
  a = Conv(x, float32[8, 4, 3, 3], float32[8]) {pads: [1, 1, 1, 1]}
  b = Clip(a) {min: 0.0, max: 6.0}
  c = Conv(b, float32[16, 8, 5, 5], float32[16])
  d = Reshape(c, int64[3]{0, 16, 16})
  e = Softmax(d) {axis: 1}
  y = MatMul(e, float32[16, 4])`

describe('models of old operator sets', () => {
  it.each([7, 8, 10])('are raised from operator set %i for per-channel static quantization', async (opset) => {
    const data = await noise('x', [4, 8, 8])
    const model = modelOf(network(opset))
    const { parts } = await shop.run(quantizeStatic, model, {}, data)
    expect(parts[0]!.opset).toBe(13)
    expect(await sqnr(await shop.outputs(model, data.evaluation!), await shop.outputs(parts[0]!, data.evaluation!))).toBeGreaterThan(18)
  })

  it('are raised for products whose activations are quantized while the model runs', async () => {
    const data = await noise('x', [4, 8, 8])
    const model = modelOf(network(8))
    const { parts } = await shop.run(quantizeDynamic, model, { smallest: 16 })
    expect(parts[0]!.opset).toBe(11)
    expect(await sqnr(await shop.outputs(model, data.evaluation!), await shop.outputs(parts[0]!, data.evaluation!))).toBeGreaterThan(18)
  })

  it('are raised for weights of recurrent operators, which have a scale for each gate', async () => {
    const data = await noise('x', [5, 64])
    const model = modelOf(`opset 11
      (x: float32[batch, 5, 64]) -> (y: float32[batch, 1, 5, 32])
      y = GRU(x, float32[1, 96, 64], float32[1, 96, 32]) {hidden_size: 32, linear_before_reset: 1}`)
    const { parts } = await shop.run(quantizeDynamic, model, {})
    expect(parts[0]!.opset).toBe(13)
    expect(await sqnr(await shop.outputs(model, data.evaluation!), await shop.outputs(parts[0]!, data.evaluation!))).toBeGreaterThan(18)
  })

  it('are raised for bfloat16 weights', async () => {
    const { parts } = await shop.run(convertFloat16, modelOf(network(8)), { format: 'bfloat16' })
    expect(parts[0]!.opset).toBe(13)
  })

  it('stay as they are when they are new enough, and name the operator when they cannot be raised', () => {
    const newer = modelOf('opset 17\n(x: float32[4]) -> (y: float32[4])\ny = Relu(x)')
    expect([raiseToLeast(newer, 13), newer.opset]).toEqual([false, 17])
    const older = modelOf('opset 8\n(x: float32[4]) -> (y: float32[4])\ny = ParametricSoftplus(x) {alpha: 1.0, beta: 1.0}')
    expect(() => raiseToLeast(older, 13)).toThrow(/ParametricSoftplus cannot be raised to opset 13/)
  })

  it.each([
    ['dynamic', quantizeDynamic, {}, 11],
    ['static', quantizeStatic, {}, 13],
    ['mixed', mixedPrecision, {}, 13],
  ] as const)('leave %s quantization nothing to do where an operator cannot be raised', (_, pass, given, least) => {
    const model = modelOf(
      'opset 8\n(x: float32[4, 64]) -> (y)\na = ParametricSoftplus(x) {alpha: 1.0, beta: 1.0}\ny = MatMul(a, float32[64, 64])',
    )
    const why = (pass as Pass).pointless?.(model, pass.options.parse(given))
    expect(why).toMatch(
      new RegExp(`operator set ${least}, and the model stays at 8 because ParametricSoftplus cannot be raised.* \\(node #0\\)`),
    )
    expect(model.opset).toBe(8)
  })

  it('fail a stage that asks for 16 bits, which older operator sets do not have', () => {
    const model = modelOf(
      'opset 8\n(x: float32[4, 64]) -> (y)\na = ParametricSoftplus(x) {alpha: 1.0, beta: 1.0}\ny = MatMul(a, float32[64, 64])',
    )
    expect(quantizeStatic.pointless?.(model, quantizeStatic.options.parse({ activations: 'uint16' }))).toBeNull()
  })

  it('are not raised past the kernels of the runtime', () => {
    const rois = () => modelOf('opset 17\n(x: float32[1, 2, 4, 4], r: float32[3, 4], b: int64[3]) -> (y)\ny = RoiAlign(x, r, b)')
    expect(raiseToLeast(rois(), 21)).toBe(true)
    expect(() => raiseToLeast(rois(), 25)).toThrow(/no kernel for RoiAlign/)
    expect(whyNotRaised(rois(), 25)).toContain('no kernel for RoiAlign')
    expect(whyNotRaised(rois(), 21)).toBeNull()
  })
})
