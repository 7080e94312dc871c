import { z } from 'zod'
import type { Model } from '../ir/model.ts'
import { floatsOf } from '../ir/numbers.ts'
import type { Node, Value } from '../ir/value.ts'
import { onePart, type Pass } from '../pass.ts'
import { keptNodes } from '../quantize/keep.ts'
import { type Convolution, convolutionOf } from '../quantize/operand.ts'
import { type Divide, dividerOf, type Multiply, multiplierOf } from '../quantize/rescale.ts'
import { inferShapes } from '../shapes/infer.ts'

const options = z.strictObject({
  rounds: z.int().min(1).max(20).default(3).describe('Chains of layers settle after a few rounds.'),
  keep: z.array(z.string()).default([]).describe('Node references or scopes whose weights stay as they are.'),
})
type Options = z.infer<typeof options>

/** Two convolutions with nothing between them but what lets factors through. */
interface Pair {
  readonly before: Convolution
  readonly after: Convolution
  readonly divide: Divide
  readonly multiply: Multiply
}

/** Cross-layer equalization (Nagel et al. 2019, section 4.1): channels of two layers in a row get weights of like size on both sides. */
export const equalizeLayers: Pass<Options> = {
  id: 'equalize-layers',
  version: 2,
  title: 'Equalize layers',
  summary:
    'Evens out the ranges of channels between convolutions in a row, so that one scale serves them better; computes the same in float.',
  family: 'precision',
  fidelity: 'rounding',
  options,
  pointless: (model, { keep }) => (pairsOf(model, keptNodes(model, keep)).length === 0 ? noPairs(keep) : null),
  async run(model, { rounds, keep }, context) {
    inferShapes(model)
    const kept = keptNodes(model, keep)
    const count = pairsOf(model, kept).length
    if (count === 0) return onePart(model, false, [`Nothing moved: ${noPairs(keep)}.`])
    let most = 1
    for (let round = 0; round < rounds; round++) {
      context.signal.throwIfAborted()
      // Found again each round: the constants are new ones then.
      for (let at = 0; at < count; at++) {
        const pair = pairsOf(model, kept)[at] as Pair
        const factor = model.lineage.during('equalize-layers', 'channels of two layers in a row have weights of like size', () =>
          equalize(pair),
        )
        if (round === 0) most = Math.max(most, factor)
      }
      context.progress(round + 1, rounds)
    }
    return onePart(model, true, [
      `${count === 1 ? '1 pair of convolutions was' : `${count} pairs of convolutions were`} equalized; the largest factor of a channel in the first round is ${Number(most.toPrecision(3))}.`,
    ])
  },
}

const noPairs = (kept: readonly string[]): string =>
  `no two convolutions${kept.length > 0 ? ' outside of `keep`' : ''} follow each other with only a Relu between them, and no other reader of either`

function pairsOf(model: Model, kept: ReadonlySet<Node>): Pair[] {
  return model.graph.nodes.flatMap((node): Pair[] => {
    const after = kept.has(node) ? null : convolutionOf(node)
    const before = after && convolutionBehind(after.activation)
    if (!after || !before || kept.has(before.node)) return []
    const channels = before.matrix.channels
    const divide = dividerOf(after.activation, 'second', channels)
    const multiply = multiplierOf(node, 'second', channels)
    return divide && multiply ? [{ before, after, divide, multiply }] : []
  })
}

/** The convolution that makes a value which only one node reads, at every step of the way. */
function convolutionBehind(value: Value): Convolution | null {
  let at: Value | null = value
  while (at !== null && at.uses.length === 1 && at.producer !== null) {
    const found = convolutionOf(at.producer)
    if (found !== null) return found
    at = at.producer.opType === 'Relu' || at.producer.opType === 'LeakyRelu' ? (at.producer.inputs[0] ?? null) : null
  }
  return null
}

/** @returns the largest factor of a channel, or its inverse */
function equalize({ before, after, divide, multiply }: Pair): number {
  const outgoing = ranges(before, (at) => Math.floor(at / before.matrix.depth))
  const inputs = after.tensor.ref.dims[1] ?? 1
  const positions = after.matrix.depth / inputs
  const incoming = ranges(
    after,
    (at) => (after.depthwise ? Math.floor(at / positions) : Math.floor(at / positions) % inputs),
    before.matrix.channels,
  )
  const factors = outgoing.map((range, n) => (range > 0 && (incoming[n] as number) > 0 ? Math.sqrt(range / (incoming[n] as number)) : 1))
  divide(factors)
  multiply(factors)
  return factors.reduce((most, factor) => Math.max(most, factor, 1 / factor), 1)
}

function ranges({ tensor, matrix }: Convolution, channelOf: (at: number) => number, channels = matrix.channels): Float32Array {
  const found = new Float32Array(channels)
  floatsOf(tensor).forEach((value, at) => {
    const channel = channelOf(at)
    found[channel] = Math.max(found[channel] as number, Math.abs(value))
  })
  return found
}
