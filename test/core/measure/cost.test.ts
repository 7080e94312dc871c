import { describe, expect, it } from 'vitest'
import type { DType } from '../../../core/ir/dtype.ts'
import { costModel } from '../../../core/measure/cost.ts'
import { standingOf } from '../../../core/measure/roofline.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { fuse } from '../../../core/passes/fuse.ts'
import { modelOf } from '../../support/graph.ts'
import { workshop } from '../../support/pass-context.ts'

const { run } = await workshop()
const feed = (dims: number[], dtype: DType = 'float32') => ({ dtype, dims, data: new Uint8Array(0) })

describe('the cost of nodes', () => {
  it('of a product: two operations for each pair of factors', () => {
    const model = modelOf(
      '(x: float32[batch, 8]) -> (y: float32[batch, 4])\nw = float32[8, 4]\nb = float32[4]\nh = MatMul(x, w)\ny = Add(h, b)',
    )
    const costs = costModel(model, { x: feed([3, 8]) })
    const [product, sum] = model.graph.nodes
    expect(costs.of([product!])).toEqual({ flops: 2 * 3 * 8 * 4, weightBytes: 4 * 8 * 4, activationBytes: 4 * (3 * 8 + 3 * 4) })
    expect(costs.of([sum!]).flops).toBe(12)
    // What flows between them does not leave the row.
    expect(costs.of([product!, sum!])).toEqual({ flops: 192 + 12, weightBytes: 4 * 36, activationBytes: 4 * (24 + 12) })
  })

  it('of a grouped convolution and of a transposed product', () => {
    const conv = modelOf(
      '(x: float32[n, 4, 8, 8]) -> (y: float32[n, 6, 8, 8])\nw = float32[6, 2, 3, 3]\ny = Conv(x, w) {group: 2, pads: [1, 1, 1, 1]}',
    )
    expect(costModel(conv, { x: feed([1, 4, 8, 8]) }).of(conv.graph.nodes).flops).toBe(2 * 6 * 64 * 2 * 9)
    const gemm = modelOf('(x: float32[8, 3]) -> (y: float32[3, 5])\nw = float32[5, 8]\ny = Gemm(x, w) {transA: 1, transB: 1}')
    expect(costModel(gemm, { x: feed([8, 3]) }).of(gemm.graph.nodes).flops).toBe(2 * 3 * 5 * 8)
  })

  it('of nothing but views is nothing', () => {
    const model = modelOf('(x: float32[n, 4]) -> (y: float32[...])\nh = Reshape(x, int64[1] { -1 })\ny = Identity(h)')
    expect(costModel(model, { x: feed([2, 4]) }).of(model.graph.nodes).flops).toBe(0)
  })

  it('of attention as one operator is that of its two products, and of the projection that is packed into it', () => {
    const [batch, length, keys, hidden] = [2, 5, 7, 8]
    const products = 2 * 2 * batch * length * keys * hidden
    const lengths = (text: string, feeds: Record<string, number[]>) => {
      const model = modelOf(text)
      return costModel(model, Object.fromEntries(Object.entries(feeds).map(([name, dims]) => [name, feed(dims)]))).of(model.graph.nodes)
        .flops
    }
    const three = { q: [batch, length, hidden], k: [batch, keys, hidden], v: [batch, keys, hidden] }
    const border = '(q: float32[b, l, 8], k: float32[b, s, 8], v: float32[b, s, 8]) -> (y: float32[b, l, 8])'
    expect(lengths(`${border}\ny = com.microsoft.MultiHeadAttention(q, k, v) {num_heads: 2}`, three)).toBe(products)
    const four = { q: [batch, 2, length, 4], k: [batch, 2, keys, 4], v: [batch, 2, keys, 4] }
    const heads = '(q: float32[b, 2, l, 4], k: float32[b, 2, s, 4], v: float32[b, 2, s, 4]) -> (y: float32[b, 2, l, 4])'
    expect(lengths(`${heads}\ny = Attention(q, k, v)`, four)).toBe(products)
    const own = 2 * 2 * batch * length * length * hidden
    const packed = '(x: float32[b, l, 8]) -> (y: float32[b, l, 8])\nw = float32[8, 24]\nc = float32[24]'
    expect(lengths(`${packed}\ny = com.microsoft.Attention(x, w, c) {num_heads: 2}`, { x: three.q })).toBe(
      own + 2 * batch * length * hidden * 24,
    )
  })

  it('of a fused transformer is that of its single operators', async () => {
    const opened = openModel('samples/text-bert/model.onnx')
    const [fused] = (await run(fuse, opened, { selection: false })).parts
    const [less] = (await run(fuse, opened)).parts
    const ids = feed([1, 32], 'int64')
    const feeds = { input_ids: ids, attention_mask: ids, token_type_ids: ids }
    const [apart, together, selected] = [opened, fused!, less!].map((model) => costModel(model, feeds).of(model.graph.nodes).flops)
    expect(together! / apart!).toBeGreaterThan(0.95)
    expect(together! / apart!).toBeLessThanOrEqual(1)
    // Only the first token of the last of four layers is computed, but for keys and values.
    expect(selected! / apart!).toBeGreaterThan(0.75)
    expect(selected! / apart!).toBeLessThan(0.82)
  })

  it('of the bundled transformer is what its sizes say', () => {
    const opened = openModel('samples/text-bert/model.onnx')
    const ids = feed([1, 32], 'int64')
    const costs = costModel(opened, { input_ids: ids, attention_mask: ids, token_type_ids: ids })
    const products = opened.graph.nodes.filter(({ opType }) => opType === 'MatMul' || opType === 'Gemm')
    // Four layers of hidden size 128: query, key, value, output; scores and mix of 32 tokens; up and down; then the pooler and 77 classes.
    const layer = 32 * (4 * 128 * 128 + 2 * 32 * 128 + 2 * 128 * 512)
    expect(costs.of(products).flops).toBe(2 * (4 * layer + 128 * 128 + 128 * 77))
  })
})

describe('a layer under the roofline', () => {
  const ceiling = { gflops: 100, gbs: 10, threads: 1 }

  it.each([
    ['arithmetic', { flops: 5e7, weightBytes: 1e3, activationBytes: 1e3 }, 'compute', /INT8 kernels will help/],
    ['its weights', { flops: 1e6, weightBytes: 8e6, activationBytes: 1e3 }, 'memory', /INT4 or INT8 weights will help/],
    ['its activations', { flops: 1e6, weightBytes: 1e3, activationBytes: 8e6 }, 'memory', /fusing it/],
    ['nothing of the kind', { flops: 1e3, weightBytes: 1e3, activationBytes: 1e3 }, 'overhead', /smaller numbers will not/],
  ])('waits for %s', (_, cost, bound, advice) => {
    const standing = standingOf(cost, 1, ceiling)
    expect(standing.bound).toBe(bound)
    expect(standing.advice).toMatch(advice)
  })

  it('that computes in 8 bits already is not told to', () => {
    const standing = standingOf({ flops: 5e7, weightBytes: 1e3, activationBytes: 1e3 }, 1, ceiling, true)
    expect(standing).toMatchObject({ bound: 'compute', advice: expect.stringContaining('in 8 bits already') })
  })
})
