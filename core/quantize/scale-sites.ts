import type { Model } from '../ir/model.ts'
import { floatsOf } from '../ir/numbers.ts'
import type { Node, Value } from '../ir/value.ts'
import { isRefusal, type Product, productOf } from './operand.ts'
import { type Divide, dividerOf, type Multiply, multiplierOf } from './rescale.ts'
import { channelReaders, wholeOf } from './selected.ts'

/** An activation whose channels can be divided where it is made and multiplied in all the weights that read it. */
export interface ScaleSite {
  readonly activation: Value
  readonly channels: number
  readonly products: readonly Product[]
  readonly divide: Divide
  readonly multiply: readonly Multiply[]
}

/** Activations of the main graph that only products read, whole or some positions of them, and whose producer takes factors in. */
export function scaleSites(model: Model, kept: ReadonlySet<Node>): ScaleSite[] {
  const sites = new Map<Value, ScaleSite | null>()
  for (const node of model.graph.nodes) {
    const product = productOf(node)
    if (product === null || isRefusal(product)) continue
    const activation = wholeOf(product.activation)
    if (!sites.has(activation)) sites.set(activation, siteAt(activation, product.matrix.depth, kept))
  }
  return [...sites.values()].filter((site) => site !== null)
}

/** Why a pass that moves factors has nothing to do. */
export const noScaleSites = (kept: readonly string[]): string =>
  kept.length > 0
    ? 'no norm or product outside of `keep` feeds products alone, so no factor can move'
    : 'no norm or product here feeds products alone, so no factor can move'

/** Nodes that take factors in: of each site its products, and what makes its activation. */
export const scaledNodes = (sites: readonly ScaleSite[]): number => sites.reduce((sum, { products }) => sum + products.length + 1, 0)

function siteAt(activation: Value, channels: number, kept: ReadonlySet<Node>): ScaleSite | null {
  const divide = dividerOf(activation, 'last', channels)
  if (divide === null) return null
  const products: Product[] = []
  const multiply: Multiply[] = []
  for (const { node, index } of channelReaders(activation)) {
    const product = productOf(node)
    const each = multiplierOf(node, 'last', channels)
    if (index !== 0 || each === null || product === null || isRefusal(product) || kept.has(node)) return null
    products.push(product)
    multiply.push(each)
  }
  return { activation, channels, products, divide, multiply }
}

/** Largest magnitude of the weights that meet each channel, over all products of a site. */
export function weightRanges({ products, channels }: ScaleSite): Float32Array {
  const ranges = new Float32Array(channels)
  for (const { tensor, matrix } of products) {
    const values = floatsOf(tensor)
    for (let at = 0; at < values.length; at++) {
      const channel = matrix.layout === 'columns' ? Math.floor(at / matrix.channels) : at % matrix.depth
      ranges[channel] = Math.max(ranges[channel] as number, Math.abs(values[at] as number))
    }
  }
  return ranges
}

/** Divides the activation and multiplies the weights: the model computes what it did before, to rounding. */
export function rescale({ divide, multiply }: ScaleSite, factors: Float32Array): void {
  divide(factors)
  for (const each of multiply) each(factors)
}
