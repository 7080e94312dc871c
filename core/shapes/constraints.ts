import type { Model } from '../ir/model.ts'
import type { Dim, Value } from '../ir/value.ts'
import { canonicalDim, symbolsOf } from './dim.ts'

/** What a symbol of the model's inputs is known to be, in other symbols of the inputs: `total` -> `past + seq`. */
export type Constraints = ReadonlyMap<string, Dim>

/**
 * What the border of a model says about its inputs: an output that is declared `[batch, total]` and follows to be `[batch, past + seq]` makes
 * an input `[batch, total]` as long. A model that is fed otherwise contradicts its own file.
 */
export class Border {
  readonly #inputs: ReadonlySet<string>
  readonly #found = new Map<string, Dim>()

  constructor(model: Model) {
    this.#inputs = new Set(model.graph.inputs.flatMap((input) => dimsOf(input).flatMap(symbolsOf)))
  }

  /** A dimension as an output declares it and as it follows from the inputs. */
  compare(declared: Dim, inferred: Dim): void {
    if (typeof declared !== 'string' || typeof inferred !== 'string' || !this.#inputs.has(declared) || this.#found.has(declared)) return
    const symbols = symbolsOf(inferred)
    const settled = symbols.some((symbol) => symbol === declared || !this.#inputs.has(symbol) || this.#found.has(symbol))
    const needed = [...this.#found.values()].some((dim) => symbolsOf(dim).includes(declared))
    if (!settled && !needed && canonicalDim(declared) !== inferred) this.#found.set(declared, inferred)
  }

  get constraints(): Constraints {
    return this.#found
  }
}

const dimsOf = (value: Value): readonly Dim[] => (value.type?.kind === 'tensor' ? (value.type.shape ?? []) : [])
