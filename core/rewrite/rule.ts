import type { Model } from '../ir/model.ts'
import type { Node, Value, ValueMap } from '../ir/value.ts'
import type { Draft } from './draft.ts'
import type { Pattern } from './pattern.ts'

/** How far a rewrite may move outputs: `exact` bit-equal integers and equal floats, `rounding` within tolerance, `lossy` reported only. */
export type Fidelity = 'exact' | 'rounding' | 'lossy'

/** Why a complete match was not rewritten, and where. */
export class Rejection {
  readonly sentence: string
  readonly at: Node | Value | null
  constructor(sentence: string, at: Node | Value | null) {
    this.sentence = sentence
    this.at = at
  }
}

/** Refuses a match with a sentence and a place; both are kept and shown. */
export const reject = (sentence: string, at: Node | Value | null = null): Rejection => new Rejection(sentence, at)

/** A value that stands for an old one under a map other than the identity. */
export interface Mapped {
  readonly by: Value
  readonly map: ValueMap
}

export type Replacement = Value | Mapped

/** Replacements of any values inside of the match, such as an interior one that others read too. */
export interface Replacements {
  readonly replace: readonly { readonly old: Value; readonly by: Value; readonly map?: ValueMap }[]
}

/**
 * What a rewrite gives back: a replacement for the root's first output; or a list, for its outputs (`null`: stays as it is); or replacements
 * that name what they replace; or a rejection.
 */
export type Rewritten = Replacement | readonly (Replacement | null)[] | Replacements | Rejection

export interface RuleDefinition<C> {
  /** The name of the rule's file. */
  readonly id: string
  readonly summary: string
  readonly fidelity: Fidelity
  /** It tidies behind other rules: that it finds nothing to do is no near-miss to tell anyone of. */
  readonly housekeeping?: boolean
  /** It rewrites nothing: it says why not, of places of which no other rule says anything. */
  readonly lastResort?: boolean
  readonly pattern: Pattern<C>
  /** Drafts what stands for the match. It may refuse at any point; what it drafted is then undone. */
  rewrite(found: C, draft: Draft): Rewritten
}

/** A local rewrite. Data, not a program: the driver owns order, fixed point, names and lineage. */
export type Rule = RuleDefinition<unknown>

/** Declares a rule; the type of `found` follows from the pattern. */
export const rule = <C>(definition: RuleDefinition<C>): Rule => definition as unknown as Rule

/** A rewrite that looks at a whole model at once: dead code, common subexpressions. */
export interface Sweep {
  readonly id: string
  readonly summary: string
  readonly fidelity: Fidelity
  /** Changes the model in place and tells how many places it changed. */
  sweep(model: Model): number
}

export type Step = Rule | Sweep

export const isSweep = (step: Step): step is Sweep => 'sweep' in step
