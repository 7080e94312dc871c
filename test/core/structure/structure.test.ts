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
    expect([...nodeRoles(structureOf(model)).values()]).toContain('feed-forward up')
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
})
