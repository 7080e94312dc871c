import { describe, expect, it } from 'vitest'
import type { Target } from '../../../core/api/pipeline.ts'
import type { Model } from '../../../core/ir/model.ts'
import { fuse } from '../../../core/passes/fuse.ts'
import { checkSame } from '../../support/check-rule.ts'
import { modelOf, modelText } from '../../support/graph.ts'
import { workshop } from '../../support/pass-context.ts'

const { context } = await workshop()

async function fused(model: Model, target: Target, options: unknown = {}): Promise<{ changed: boolean; body: string; part: Model }> {
  const { changed, parts } = await fuse.run(model.fork(), fuse.options.parse(options), { ...context(), target })
  const part = parts[0] as Model
  return { changed, part, body: modelText(part, { names: 'canonical' }).split('\n').slice(2).join('\n') }
}

const gelu = 'd = Div(x, float32 1.4142135)\ne = Erf(d)\no = Add(e, float32 1.0)\np = Mul(x, o)\ny = Mul(p, float32 0.5)'
const block = `(x: float32[2, 5, 8]) -> (y)\n${gelu}`

describe('fuse', () => {
  it('writes what the target has', async () => {
    expect((await fused(modelOf(block), 'ort')).body).toBe('y = Gelu(x)')
    expect((await fused(modelOf(block), 'onnx')).body).toBe('y = Gelu(x)')
    const old = `opset 17\n${block}`
    expect((await fused(modelOf(old), 'ort')).body).toBe('y = com.microsoft.Gelu(x)')
  })

  it('raises the operator set for standard operators, as far as it may', async () => {
    const model = modelOf(`opset 12\n(x: float32[2, 5, 8]) -> (z)\ns = ReduceSum(x) {axes: [1]}\n${gelu}\nz = Add(y, s)`)
    const { body, part } = await fused(model, 'onnx')
    expect(part.opset).toBe(20)
    expect(body).toContain('Gelu(x)')
    await checkSame(model, part, { fidelity: 'rounding' })
    expect((await fused(model, 'onnx', { newestOpset: 19 })).part.opset).toBe(12)
    expect((await fused(model, 'ort')).part.opset).toBe(12)
  })

  it('says why it cannot raise the operator set', async () => {
    const model = modelOf(`opset 12\n${block}\nz = SomethingOfTheirs(x)`)
    const { parts, notes } = await fuse.run(model.fork(), fuse.options.parse({}), { ...context(), target: 'onnx' })
    expect(parts[0]?.opset).toBe(12)
    expect(notes?.[0]).toContain('The operator set stays at 12')
    expect(notes?.[0]).toContain('SomethingOfTheirs')
  })

  it('raises the operator set no further than the runtime has kernels', async () => {
    const model = modelOf(`opset 16
(x: float32[5, 8], i: float32[1, 2, 9, 9]) -> (z)
${gelu}
q = Mul(y, y)
m = ReduceMean(q) {axes: [-1]}
s = Add(m, float32 1e-5)
r = Sqrt(s)
t = Div(y, r)
n = Mul(t, float32[8])
b = Slice(n, int64[1] {0}, int64[1] {4}, int64[1] {1})
z = RoiAlign(i, b, int64[5] {0, 0, 0, 0, 0}) {output_height: 2, output_width: 2}`)
    const { parts, notes } = await fuse.run(model.fork(), fuse.options.parse({}), { ...context(), target: 'onnx' })
    expect(parts[0]?.opset).toBe(20)
    expect(notes?.[0]).toMatch(/no kernel for RoiAlign \(.*\) from operator set 22 on: what needs operator set 23 is not fused/)
    await checkSame(model, parts[0] as Model, { fidelity: 'rounding' })
  })

  it('leaves spellings alone that the target has no operator for, and says that it changed nothing', async () => {
    const { changed, part } = await fused(modelOf(`opset 17\n${block}`), 'tensorrt')
    expect(changed).toBe(false)
    expect(part.lineage.changes).toEqual([])
  })

  it('imports the domains it uses and no private one', async () => {
    const model = modelOf(`opset 17\n${block}`)
    const { part } = await fused(model, 'ort')
    expect([...part.opsets]).toEqual([
      ['', 17],
      ['com.microsoft', 1],
    ])
    await checkSame(model, part, { fidelity: 'rounding' })
  })

  it('does only what its options allow', async () => {
    const norm = 'float32[6], float32[6], float32[6], float32[6] positive'
    const model = modelOf(
      `(x: float32[1, 4, 5, 5]) -> (y)\nc = Conv(x, float32[6, 4, 1, 1])\nb = BatchNormalization(c, ${norm})\ns = Sigmoid(b)\ny = Mul(b, s)`,
    )
    expect((await fused(model, 'ort')).body).toBe(
      '%1 = Conv(x, float32[6, 4, 1, 1], float32[6])\ny = com.microsoft.QuickGelu(%1) {alpha: 1.0}',
    )
    expect((await fused(model, 'ort', { activation: false })).body).toContain('Sigmoid')
    expect((await fused(model, 'ort', { convolution: false })).body).toContain('BatchNormalization')
  })

  it('keeps residual sums before layer normalizations apart where asked to', async () => {
    const model = modelOf(
      'opset 17\n(x: float32[2, 5, 8], z: float32[2, 5, 8]) -> (y)\ns = Add(x, z)\ny = LayerNormalization(s, float32[8], float32[8]) {axis: -1}',
    )
    expect((await fused(model, 'ort')).body).toContain('com.microsoft.SkipLayerNormalization')
    expect((await fused(model, 'ort', { residualSums: 'apart' })).body).toMatch(/= Sum\(x, z\)\n.*= LayerNormalization\(/)
  })

  it('joins a convolution and its activation only where asked to', async () => {
    const model = modelOf('(x: float32[1, 4, 5, 5]) -> (y)\nc = Conv(x, float32[6, 4, 1, 1])\ny = Relu(c)')
    expect((await fused(model, 'ort')).changed).toBe(false)
    expect((await fused(model, 'ort', { convolutionActivation: true })).body).toContain('com.microsoft.FusedConv')
    expect((await fused(model, 'onnx', { convolutionActivation: true })).changed).toBe(false)
  })

  it('says from which nodes of the opened model a fused one stems', async () => {
    const { part } = await fused(modelOf(block), 'ort')
    expect([...(part.graph.nodes[0]?.origins ?? [])].sort()).toEqual(['0', '1', '2', '3', '4'])
  })

  describe('attention of one head', () => {
    const rows = (length: number | string, size: number, mask = '') => `(x: float32[1, ${length}, ${size}]${mask}) -> (y)
q = MatMul(x, float32[${size}, ${size}])
k = MatMul(x, float32[${size}, ${size}])
t = Transpose(k) {perm: [0, 2, 1]}
s = MatMul(q, t)
c = Mul(s, float32 0.25)
p = Softmax(${mask === '' ? 'c' : 'm0'}) {axis: -1}
y = MatMul(p, x)`
    const masked = (text: string) => text.replace('p = ', 'm0 = Add(c, m)\np = ')

    it('is MultiHeadAttention of onnxruntime for long sequences without a mask', async () => {
      const model = modelOf(`opset 17\n${rows(1024, 8)}`)
      const { body, part } = await fused(model, 'ort')
      expect(body).toContain('com.microsoft.MultiHeadAttention(%1, %2, x) {num_heads: 1, scale: 0.25}')
      await checkSame(model, part, { fidelity: 'rounding' })
    })

    it('stays its parts where these are as fast', async () => {
      for (const text of [rows(64, 8), rows('seq', 8), masked(rows(1024, 8, ', m: float32[1024, 1024]'))]) {
        const { body, part } = await fused(modelOf(`opset 17\n${text}`), 'ort')
        expect(body).toContain('Softmax')
        expect(part.lineage.changes.map(({ rule }) => rule)).not.toContain('lift-single-head-attention')
      }
    })

    it('is the standard operator, with its mask of each sequence', async () => {
      const model = modelOf(`opset 17\n${masked(rows('seq', 8, ', m: float32[1, 1, seq]'))}`)
      const { body, part } = await fused(model, 'onnx')
      expect(part.opset).toBe(23)
      expect(body).toMatch(/y = Attention\(%\d+, %\d+, x, %\d+\) {kv_num_heads: 1, q_num_heads: 1, scale: 0.25}/)
      await checkSame(model, part, { fidelity: 'rounding' })
      const newest = modelOf(`opset 24\n${rows(64, 8)}`)
      expect((await fused(newest, 'onnx')).body).toContain('y = Attention(%1, %2, x) {kv_num_heads: 1, q_num_heads: 1, scale: 0.25}')
    })

    it('leaves the operator set where one thread would get too much', async () => {
      const { part, changed } = await fused(modelOf(`opset 17\n${rows(2048, 8)}`), 'onnx')
      expect({ opset: part.opset, changed }).toEqual({ opset: 17, changed: false })
    })
  })
})
