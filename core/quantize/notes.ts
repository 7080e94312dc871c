import { quantity } from '../api/quantity.ts'
import { referencesOf } from '../ir/reference.ts'
import type { Node } from '../ir/value.ts'
import { doing } from './doing.ts'
import type { EightBitWeights } from './eight-bit.ts'

/** References named in one sentence before the rest is only counted. */
const named = 3

/** Sentences for the report: what a pass did, what it left in float and why. */
export class Notes {
  readonly #sentences: string[] = []
  readonly #left = new Map<string, string[]>()

  add(sentence: string): void {
    this.#sentences.push(sentence)
  }

  /** A node that stays in float; nodes with one reason, which speaks of one node, share a sentence. */
  left(node: Node, reason: string): void {
    const nodes = this.#left.get(reason) ?? []
    // A reference by position changes when nodes go: it is taken now.
    nodes.push(node.name === '' ? (referencesOf(node.graph.model).get(node) ?? node.id) : node.name)
    this.#left.set(reason, nodes)
  }

  /** How many pairs of products could saturate without a dot-product instruction, before and after. */
  saturation(weights: readonly EightBitWeights['saturating'][]): void {
    const sum = (which: 'full' | 'now') => weights.reduce((total, each) => total + each[which], 0)
    const [full, now] = [sum('full'), sum('now')]
    if (now > 0) this.add(`${quantity(now, 'pair')} of weights can saturate on x86 CPUs without VNNI: expect other results there.`)
    else if (full > 0)
      this.add(`${quantity(full, 'pair')} of weights would saturate on x86 CPUs without VNNI at full range; none can as they are now.`)
  }

  sentences(): readonly string[] {
    return [...this.#sentences, ...[...this.#left].map(([reason, nodes]) => leftSentence(reason, nodes))]
  }
}

function leftSentence(reason: string, nodes: readonly string[]): string {
  const shown = nodes.slice(0, named).join(', ')
  const more = nodes.length > named ? ` and ${nodes.length - named} more` : ''
  const because = nodes.length === 1 ? ' because' : ', each because'
  return `${doing(nodes.length, 'node', ['stays', 'stay'])} in float${because} ${reason}: ${shown}${more}.`
}
