import { Model } from '../../core/ir/model.ts'
import type { Attribute, Value } from '../../core/ir/value.ts'
import type { RandomWeights } from './random-weights.ts'

/** Blocks and inner channels of the four stages of ResNet-50 (He et al., 2015, table 1). */
const stages = [
  { blocks: 3, channels: 64, stride: 1 },
  { blocks: 4, channels: 128, stride: 2 },
  { blocks: 6, channels: 256, stride: 2 },
  { blocks: 3, channels: 512, stride: 2 },
] as const

interface ConvolutionSpec {
  readonly from: number
  readonly to: number
  readonly kernel: number
  readonly stride?: number
}

/** ResNet-50 with batch normalizations kept, 25.6 million random weights, opset 17. */
export function resnet50(weights: RandomWeights): Model {
  return new ResNet(weights).build()
}

class ResNet {
  readonly #weights: RandomWeights
  readonly #model = new Model({ irVersion: 8, producerName: 'lathe random weights' }, new Map([['', 17]]))

  constructor(weights: RandomWeights) {
    this.#weights = weights
  }

  build(): Model {
    const { graph } = this.#model
    graph.name = 'main_graph'
    const image = graph.addInput('input', { kind: 'tensor', dtype: 'float32', shape: ['batch', 3, 224, 224] })
    let x = this.#relu('relu', this.#convolution('conv1', image, { from: 3, to: 64, kernel: 7, stride: 2 }))
    x = this.#node('maxpool', 'MaxPool', [x], { kernel_shape: ints(3, 3), pads: ints(1, 1, 1, 1), strides: ints(2, 2) })
    let channels = 64
    for (const [at, stage] of stages.entries()) {
      for (let block = 0; block < stage.blocks; block += 1) {
        x = this.#bottleneck(`layer${at + 1}.${block}`, x, {
          from: channels,
          inner: stage.channels,
          stride: block === 0 ? stage.stride : 1,
        })
        channels = stage.channels * 4
      }
    }
    const pooled = this.#node('flatten', 'Flatten', [this.#node('avgpool', 'GlobalAveragePool', [x])])
    graph.addOutput(this.#classifier(pooled))
    return this.#model
  }

  #classifier(features: Value): Value {
    const weight = this.#weight('fc.weight', [1000, 2048], 0.02)
    const logits = this.#node('fc', 'Gemm', [features, weight, this.#weight('fc.bias', [1000], 0.02)], {
      transB: { type: 'int', value: 1 },
    })
    this.#model.graph.rename(logits, 'logits')
    this.#model.graph.setType(logits, { kind: 'tensor', dtype: 'float32', shape: ['batch', 1000] })
    return logits
  }

  #bottleneck(name: string, x: Value, { from, inner, stride }: { from: number; inner: number; stride: number }): Value {
    const narrow = this.#relu(`${name}.relu`, this.#convolution(`${name}.conv1`, x, { from, to: inner, kernel: 1 }))
    const middle = this.#relu(`${name}.relu_1`, this.#convolution(`${name}.conv2`, narrow, { from: inner, to: inner, kernel: 3, stride }))
    const wide = this.#convolution(`${name}.conv3`, middle, { from: inner, to: inner * 4, kernel: 1 })
    const short = from === inner * 4 ? x : this.#convolution(`${name}.downsample.0`, x, { from, to: inner * 4, kernel: 1, stride })
    return this.#relu(`${name}.relu_2`, this.#node(`${name}.add`, 'Add', [wide, short]))
  }

  /** A convolution without bias, and its batch normalization. */
  #convolution(name: string, x: Value, { from, to, kernel, stride = 1 }: ConvolutionSpec): Value {
    // He initialization keeps the scale of activations through 50 layers.
    const weight = this.#weight(`${name}.weight`, [to, from, kernel, kernel], Math.sqrt(2 / (from * kernel * kernel)))
    const half = (kernel - 1) / 2
    const attributes = { kernel_shape: ints(kernel, kernel), pads: ints(half, half, half, half), strides: ints(stride, stride) }
    const convolved = this.#node(name, 'Conv', [x, weight], attributes)
    const parts = [this.#weight(`${name}.bn.weight`, [to], 0.02, 1), this.#weight(`${name}.bn.bias`, [to], 0.02)]
    const statistics = [this.#weight(`${name}.bn.running_mean`, [to], 0.02), this.#weight(`${name}.bn.running_var`, [to], 0.02, 1)]
    return this.#node(`${name}.bn`, 'BatchNormalization', [convolved, ...parts, ...statistics], { epsilon: { type: 'float', value: 1e-5 } })
  }

  #relu(name: string, x: Value): Value {
    return this.#node(name, 'Relu', [x])
  }

  #weight(name: string, dims: readonly number[], std: number, mean = 0): Value {
    return this.#model.graph.addInitializer(name, this.#weights.tensor(name, dims, { mean, std }))
  }

  #node(name: string, opType: string, inputs: readonly Value[], attributes: Readonly<Record<string, Attribute>> = {}): Value {
    return this.#model.graph.addNode({ name: `/${name}`, opType, inputs, outputs: [`/${name}_output_0`], attributes }).outputs[0]!
  }
}

const ints = (...value: readonly number[]): Attribute => ({ type: 'ints', value })
