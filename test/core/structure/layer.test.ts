import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Model } from '../../../core/ir/model.ts'
import { float32Tensor } from '../../../core/ir/numbers.ts'
import type { Node } from '../../../core/ir/value.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { layersOf } from '../../../core/structure/layer.ts'
import { modelOf } from '../../support/graph.ts'

/** Each layer as `role: operators`. */
function layersIn(model: Model): string[] {
  const nodes = new Map(model.graph.nodes.map((node) => [node.id, node.opType]))
  const layers = layersOf(model)
  expect(layers.flatMap((layer) => layer.nodes)).toHaveLength(model.graph.nodeCount)
  return layers.map((layer) => `${layer.role}: ${layer.nodes.map((id) => nodes.get(id)).join(' ')}`)
}

const image = 'opset 21\n(x: float32[1, 4, 8, 8]) -> (y)\n'
const conv = (name: string, of: string) => `${name} = Conv(${of}, float32[4, 4, 3, 3]) {pads: [1, 1, 1, 1]}\n`

describe('layers of a graph without scopes', () => {
  it('take what continues a convolution, also where its result forks and meets again', () => {
    expect(layersIn(modelOf(`${image}${conv('a', 'x')}s = Sigmoid(a)\nm = Mul(a, s)\n${conv('b', 'm')}y = Relu(b)`))).toEqual([
      'convolution: Conv Sigmoid Mul',
      'convolution: Conv Relu',
    ])
  })

  it('end where a residual branch begins, and the sum of branches is one of its own', () => {
    expect(layersIn(modelOf(`${image}${conv('a', 'x')}r = Relu(a)\n${conv('b', 'r')}t = Add(r, b)\ny = Relu(t)`))).toEqual([
      'convolution: Conv Relu',
      'convolution: Conv',
      'activation: Add Relu',
    ])
  })

  it('take in a bias and a slope for each channel, and not what is added at each place', () => {
    const biased = `${image}${conv('a', 'x')}b = Add(a, float32[1, 64, 1, 1])\ny = PRelu(b, float32[64, 1, 1])`.replaceAll(
      '[4, 4, 3, 3]',
      '[64, 4, 3, 3]',
    )
    expect(layersIn(modelOf(biased))).toEqual(['convolution: Conv Add PRelu'])
    expect(layersIn(modelOf(`${image}${conv('a', 'x')}y = Add(a, float32[1, 4, 8, 8])`))).toEqual(['convolution: Conv', 'arithmetic: Add'])
  })

  it('are pooling and resampling by themselves, behind convolutions and sums alike', () => {
    const pooled = `${image}${conv('a', 'x')}r = Relu(a)\n${conv('b', 'r')}t = Add(r, b)\nu = Relu(t)\ng = GlobalAveragePool(u)\ny = Flatten(g)`
    expect(layersIn(modelOf(pooled)).slice(2)).toEqual(['activation: Add Relu', 'pooling: GlobalAveragePool Flatten'])
    const resized = `${image}${conv('a', 'x')}m = MaxPool(a) {kernel_shape: [2, 2], strides: [2, 2]}\ny = Resize(m, _, float32[4] {1, 1, 2, 2})`
    expect(layersIn(modelOf(resized))).toEqual(['convolution: Conv', 'pooling: MaxPool', 'resampling: Resize'])
  })

  it('begin at a norm behind the sum of two branches, and not at one behind a convolution', () => {
    const norm = (name: string, of: string) => `${name} = BatchNormalization(${of}, float32[4], float32[4], float32[4], float32[4])`
    const sum = `${image}${conv('a', 'x')}${conv('b', 'x')}s = Add(a, b)\n${norm('n', 's')}\ny = Relu(n)`
    expect(layersIn(modelOf(sum))).toEqual([
      'convolution: Conv',
      'convolution: Conv',
      'arithmetic: Add',
      'normalization: BatchNormalization Relu',
    ])
    expect(layersIn(modelOf(`${image}${conv('a', 'x')}${norm('n', 'a')}\ny = Relu(n)`))).toEqual([
      'convolution: Conv BatchNormalization Relu',
    ])
  })

  it.each(['1178', '1178_half', '1178_quantized'])('are not called after a numbered weight, in whatever form it is stored (%s)', (name) => {
    const model = modelOf(`${image}${conv('y', 'x')}`)
    const [node] = model.graph.nodes as [Node]
    const weight = float32Tensor([4, 4, 3, 3], new Float32Array(144))
    model.graph.setInput(node, 1, model.graph.addInitializer(name, weight))
    expect(layersOf(model).map((layer) => layer.name)).toEqual(['Conv #0'])
  })

  it('hold the weights behind a DequantizeLinear, and the numbers of the result', () => {
    expect(
      layersIn(
        modelOf(`${image}q = QuantizeLinear(x, float32 0.1, uint8 0)
          d = DequantizeLinear(q, float32 0.1, uint8 0)
          i = Identity(int8[4, 4, 3, 3])
          w = DequantizeLinear(i, float32 0.1)
          c = Conv(d, w) {pads: [1, 1, 1, 1]}
          r = Relu(c)
          p = QuantizeLinear(r, float32 0.1, uint8 0)
          y = DequantizeLinear(p, float32 0.1, uint8 0)`),
      ),
    ).toEqual([
      'quantization: QuantizeLinear DequantizeLinear',
      'convolution: Identity DequantizeLinear Conv Relu QuantizeLinear DequantizeLinear',
    ])
  })

  it('hold arithmetic on shapes that only they read, whichever node comes first', () => {
    expect(
      layersIn(
        modelOf(`opset 21
          (x: float32[batch, 4, 8]) -> (y)
          s = Shape(x) {start: 0, end: 1}
          t = Concat(s, int64[1] {-1}) {axis: 0}
          a = MatMul(x, float32[8, 8])
          b = MatMul(a, float32[8, 8])
          y = Reshape(b, t)`),
      ),
    ).toEqual(['linear: MatMul', 'linear: Shape Concat MatMul Reshape'])
  })

  it('do not take in products of computed values', () => {
    expect(
      layersIn(
        modelOf(`opset 21
          (x: float32[2, 4, 8]) -> (y)
          h = MatMul(x, float32[8, 24])
          q, k, v = Split(h) {axis: -1, num_outputs: 3}
          t = Transpose(k) {perm: [0, 2, 1]}
          s = MatMul(q, t)
          p = Softmax(s)
          y = MatMul(p, v)`),
      ),
    ).toEqual(['linear: MatMul Split Transpose', 'attention: MatMul Softmax', 'linear: MatMul'])
  })

  it('are not linear where a MatMul only multiplies each position by each frequency', () => {
    expect(layersIn(modelOf('opset 21\n(x: float32[2, 1, 8]) -> (y)\nf = MatMul(float32[1, 16, 1], x)\ny = Cos(f)').freeze())).toEqual([
      'arithmetic: MatMul Cos',
    ])
  })
})

describe('layers of a graph with scopes', () => {
  const chain = `opset 21
    (x: float32[2, 8]) -> (y)
    s = Shape(x)
    z = ConstantOfShape(s)
    a = MatMul(x, float32[8, 8])
    b = Add(a, z)
    q = QuantizeLinear(b, float32 0.1, uint8 0)
    y = DequantizeLinear(q, float32 0.1, uint8 0)`

  it('are what hangs together in one scope, with what others have put behind it', () => {
    const model = modelOf(chain)
    for (const node of model.graph.nodes.slice(0, 4)) model.graph.renameNode(node, `/block/linear/${node.opType}`)
    expect(layersOf(model).map(({ name, role, nodes }) => `${name}: ${role}, ${nodes.length}`)).toEqual(['block.linear: linear, 6'])
  })

  it.skipIf(!existsSync('../shared/models'))('are the modules of a network', () => {
    const convolutions = (file: string) => layersOf(openModel(file)).filter(({ role }) => role === 'convolution')
    const names = (file: string) => convolutions(file).map(({ name }) => name)
    const [dynamo, script] = ['model.dynamo.onnx', 'model.onnx'].map((file) => names(`../shared/models/digits_cnn/${file}`))
    expect(dynamo).toHaveLength(15)
    expect(dynamo?.filter((name) => name.includes('('))).toEqual([])
    expect(script).toHaveLength(15)
  })
})
