import { existsSync } from 'node:fs'
import { describe, expect, it, test } from 'vitest'
import { float32Tensor } from '../../../core/ir/numbers.ts'
import type { Node, Value } from '../../../core/ir/value.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { nodeRoles, structureOf } from '../../../core/structure/structure.ts'
import { modelOf } from '../../support/graph.ts'

const models = '../shared/models'
const exports = ['model.onnx', 'model.dynamo.onnx']
const wanted = [
  { name: 'digits_vit', heads: 4, kvHeads: 4, headSize: 24, kind: 'two-matrix', norm: 'layer' },
  { name: 'text_bert', heads: 4, kvHeads: 4, headSize: 32, kind: 'two-matrix', norm: 'layer' },
  { name: 'text_gpt2', heads: 4, kvHeads: 4, headSize: 32, kind: 'two-matrix', norm: 'layer' },
  { name: 'text_llama', heads: 4, kvHeads: 2, headSize: 32, kind: 'gated', norm: 'rms' },
]

for (const { name, heads, kvHeads, headSize, kind, norm } of wanted) {
  for (const file of exports) {
    const path = `${models}/${name}/${file}`
    test.skipIf(!existsSync(path))(`${name}/${file}: four attentions with their projections, four feed-forward parts, nine norms`, () => {
      const structure = structureOf(openModel(path))
      expect(structure.attention).toHaveLength(4)
      for (const unit of structure.attention) {
        expect({ heads: unit.heads, kvHeads: unit.kvHeads, headSize: unit.headSize }).toEqual({ heads, kvHeads, headSize })
        for (const node of [unit.query, unit.key, unit.value, unit.output]) expect(node?.opType).toMatch(/MatMul|Gemm/)
      }
      const inLayers = structure.feedForward.filter((part) => part.kind === kind)
      expect(inLayers.length).toBeGreaterThanOrEqual(4)
      expect(structure.norms.filter((each) => each.kind === norm)).toHaveLength(9)
      expect(structure.blocks.some(({ members }) => members.length === 4)).toBe(true)
    })
  }
}

const past = `${models}/text_llama/model.past.onnx`
test.skipIf(!existsSync(past))('projections are found behind a cache of past keys and values', () => {
  const { attention } = structureOf(openModel(past))
  expect(attention.map(({ query, key, value }) => new Set([query, key, value]).size)).toEqual([3, 3, 3, 3])
  expect(attention[0]?.key?.name).toContain('k_proj')
})

describe('graphs without names', () => {
  const block = (i: number) => `a${i} = MatMul(x${i}, float32[8, 8])
b${i} = Relu(a${i})
c${i} = MatMul(b${i}, float32[8, 8])
d${i} = Tanh(c${i})
x${i + 1} = Add(d${i}, x${i})`
  const model = modelOf(`(x0: float32[2, 8]) -> (x4: float32[2, 8])\n${[0, 1, 2, 3].map(block).join('\n')}`)

  it('repeated blocks follow from the order of operators', () => {
    const [only] = structureOf(model).blocks
    expect(only?.members.map((member) => member.map(({ opType }) => opType).toSorted())).toEqual(
      Array(4).fill(['Add', 'MatMul', 'MatMul', 'Relu', 'Tanh']),
    )
  })

  it('a pooler with its classifier is no feed-forward part: it does not come back to its width', () => {
    const pooled = modelOf(`(x: float32[2, 8]) -> (y)
a = MatMul(x, float32[8, 8])
b = Tanh(a)
y = MatMul(b, float32[8, 2])`)
    expect(structureOf(pooled).feedForward).toEqual([])
  })

  it('roles name what each product does', () => {
    const part = modelOf(
      '(x: float32[2, 8]) -> (y)\na = MatMul(x, float32[8, 16])\nb = Relu(a)\nc = MatMul(b, float32[16, 8])\ny = Add(c, x)',
    )
    expect([...nodeRoles(structureOf(part)).values()]).toEqual(['feed-forward up', 'feed-forward down'])
  })
})

describe('marks', () => {
  it('a weight with outliers is marked, with its kurtosis', () => {
    const model = modelOf(`(x: float32[2, 64]) -> (y: float32[2, 64])
w = float32[64, 64]
h = MatMul(x, w)
v = float32[64, 64]
y = MatMul(h, v)`)
    const [, weight] = model.graph.nodes[0]?.inputs ?? []
    const values = new Float32Array(64 * 64).fill(0.01).map((value, i) => (i % 2 === 0 ? value : -value))
    values[5] = 9
    model.graph.setInitializer(weight as Value, float32Tensor([64, 64], values))
    const reasons = structureOf(model).marks.map(({ reason }) => reason)
    expect(reasons.some((reason) => reason.includes('outliers (kurtosis'))).toBe(true)
  })

  it('the scales of weights in few bits are no weights with outliers', () => {
    const model = modelOf(`opset 21, com.microsoft 1
(x: float32[2, 64]) -> (y)
y = com.microsoft.MatMulNBits(x, uint8[64, 16, 2], float32[64, 16]) {K: 64, N: 64, bits: 4, block_size: 4}`)
    const [, , scales] = model.graph.nodes[0]?.inputs ?? []
    model.graph.setInitializer(
      scales as Value,
      float32Tensor(
        [64, 16],
        Float32Array.from({ length: 1024 }, (_, i) => (i === 5 ? 9 : 0.01)),
      ),
    )
    expect(structureOf(model).marks.some(({ reason }) => reason.includes('outliers'))).toBe(false)
  })

  it('the first and the last are found among convolutions that are fused already', () => {
    const model = modelOf(`opset 17, com.microsoft 1
(x: float32[1, 8, 9, 9]) -> (y)
a = com.microsoft.FusedConv(x, float32[8, 1, 3, 3]) {group: 8, activation: "Relu"}
b = Conv(a, float32[8, 8, 1, 1])
y = com.microsoft.FusedConv(b, float32[8, 8, 1, 1]) {activation: "Relu"}`)
    const marks = structureOf(model).marks.map(
      ({ nodes, reason }) => `${model.graph.nodes.indexOf(nodes[0] as Node)} ${reason.slice(0, 20)}`,
    )
    expect(marks).toEqual(['0 It is the first to s', '2 It makes the output:', '0 A depthwise convolut'])
  })

  it('a depthwise convolution is marked', () => {
    const model = modelOf(`(x: float32[1, 8, 9, 9]) -> (y)
a = Conv(x, float32[8, 8, 1, 1])
b = Conv(a, float32[8, 1, 3, 3]) {group: 8}
y = Conv(b, float32[8, 8, 1, 1])`)
    expect(structureOf(model).marks.map(({ reason }) => reason)).toContainEqual(
      expect.stringContaining('each of its 8 channels has 3 x 3 weights'),
    )
  })

  it('a depthwise convolution is marked behind quantized weights too', () => {
    const model = modelOf(`(x: float32[1, 8, 9, 9]) -> (y)
w = DequantizeLinear(int8[8, 1, 3, 3], float32 0.1, int8 0)
y = Conv(x, w) {group: 8}`)
    expect(structureOf(model).marks.map(({ reason }) => reason)).toContainEqual(expect.stringContaining('each of its 8 channels'))
  })

  const spread = (body: string, dims: number[], isWide: (element: number) => boolean) => {
    const model = modelOf(body)
    const weight = model.graph.nodes[0]?.inputs[1] as Value
    const count = dims.reduce((a, b) => a * b, 1)
    model.graph.setInitializer(
      weight,
      float32Tensor(
        dims,
        Float32Array.from({ length: count }, (_, i) => (isWide(i) ? 20 : 1) * (i % 2 === 0 ? 1 : -1)),
      ),
    )
    return structureOf(model).marks.some(({ reason }) => reason.startsWith('Its widest channel reaches 20 times'))
  }

  it('channels that stand out are those of the output, as each operator lays its weight out', () => {
    const conv = '(x: float32[1, 4, 9, 9]) -> (y)\ny = Conv(x, float32[8, 4, 5, 5])'
    expect(spread(conv, [8, 4, 5, 5], (i) => Math.floor(i / 100) === 3)).toBe(true)
    expect(spread(conv, [8, 4, 5, 5], (i) => i % 5 === 3)).toBe(false)
    const turned = '(x: float32[2, 64]) -> (y)\ny = Gemm(x, float32[8, 64]) {transB: 1}'
    expect(spread(turned, [8, 64], (i) => Math.floor(i / 64) === 3)).toBe(true)
    expect(spread(turned, [8, 64], (i) => i % 64 === 3)).toBe(false)
    expect(spread('(x: float32[2, 64]) -> (y)\ny = MatMul(x, float32[64, 8])', [64, 8], (i) => i % 8 === 3)).toBe(true)
  })
})
