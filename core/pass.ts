import type { z } from 'zod'
import type { Machine } from './api/measurement.ts'
import type { Family, Fidelity, Target } from './api/pipeline.ts'
import type { Sensitivity } from './api/sensitivity.ts'
import type { DType } from './ir/dtype.ts'
import type { Model } from './ir/model.ts'
import type { Losses } from './observe/losses.ts'
import type { ReducerCall } from './observe/reducer.ts'
import type { Feeds, Outputs, SampleTable } from './runtime/session.ts'

/** How one input or output of a new version follows from the old version's. */
export type BorderMap =
  | { readonly kind: 'identity' }
  | { readonly kind: 'cast'; readonly from: DType; readonly to: DType }
  | { readonly kind: 'permute'; readonly perm: readonly number[] }

/** How to feed and read a new version with the old one's samples; names that are not listed are unchanged. */
export interface IoMap {
  /** New input name -> old input and map. */
  readonly inputs: ReadonlyMap<string, { readonly from: string; readonly map: BorderMap }>
  /** New output name -> old output and map. */
  readonly outputs: ReadonlyMap<string, { readonly from: string; readonly map: BorderMap }>
}

export const identityIo: IoMap = { inputs: new Map(), outputs: new Map() }

export interface PassResult {
  readonly changed: boolean
  /** Usually one. Parts of `split-stages` are several. */
  readonly parts: readonly Model[]
  readonly io: IoMap
  /** Sentences for the report: what was left alone and why, what a scheme costs on this machine. */
  readonly notes?: readonly string[]
  /** What a search found out about each layer. */
  readonly sensitivity?: Sensitivity
}

/** A task metric; `higherIsBetter` says which way it points. */
export interface Score {
  readonly metric: string
  readonly value: number
  readonly higherIsBetter: boolean
  readonly samples: number
  /** `null` for metrics that are not made of losses. */
  readonly losses: Losses | null
}

/** Times of several versions from interleaved rounds. */
export interface Timed {
  /** Milliseconds, [version][round]: the mean of the version's copies. */
  readonly runs: readonly (readonly number[])[]
  /** Milliseconds of each copy, [version][copy][round]. */
  readonly copies: readonly (readonly (readonly number[])[])[]
  /** The relative difference that the same version, loaded twice, shows against itself: below it a difference means nothing. */
  readonly floor: number
}

export type MemoScope = 'version' | 'machine'

/** The only way a pass reaches anything outside the model; the engine supplies it. */
export interface PassContext {
  /** Runs a (small) model in the runtime process: constant folding, shapes by execution, dense algebra. */
  execute(model: Model, feeds: Feeds, wanted: readonly string[]): Promise<Outputs>
  /** Runs samples through a model with optimization off and reduces its values inside the runtime process; results by the calls' keys. */
  observe(model: Model, samples: SampleTable, calls: readonly ReducerCall[]): Promise<Readonly<Record<string, unknown>>>
  /** The dataset's metric on its selection samples. */
  evaluate(model: Model): Promise<Score>
  /** Times versions against each other as deployed, in one fresh process, rounds interleaved; fed with one set of inputs. */
  time(models: readonly Model[], feeds: Feeds): Promise<Timed>
  readonly dataset: { readonly calibration: SampleTable | null; readonly selection: SampleTable | null } | null
  readonly target: Target
  readonly machine: Machine
  /**
   * Remembers a result between runs. The key names what it depends on besides the version that the pass got, the data and the runtime: options too.
   * With the scope `machine` it holds for any version and any data: the key then names all that it depends on besides machine, runtime and threads.
   */
  memo<T>(key: Readonly<Record<string, unknown>>, make: () => Promise<T>, scope?: MemoScope): Promise<T>
  progress(done: number, of: number): void
  readonly signal: AbortSignal
}

/** What a run has, known before it begins. */
export interface Given {
  /** Whether there are calibration samples. */
  readonly calibration: boolean
  readonly target: Target
}

/**
 * One step of a pipeline. `run` gets a fork that it may change and gives back; it changes nothing else.
 * `options` describes the options once: form, file check, `--set` and the type follow from it.
 */
export interface Pass<Options = unknown> {
  readonly id: string
  /** Raised when the same options give another result: part of every memo key. */
  readonly version: number
  readonly title: string
  readonly summary: string
  readonly family: Family
  readonly fidelity: Fidelity
  readonly options: z.ZodType<Options>
  /** Why it would do nothing on this model, as a sentence; `null` when it would do something. */
  pointless?(model: Model, options: Options): string | null
  /**
   * Asked of the opened model before any stage runs, where the pass is not pointless on it.
   * @throws ProblemError that the pass is sure to end with, so that nobody waits for it
   */
  check?(model: Model, options: Options, given: Given): void
  /** How many nodes it would change at most, told without running anything, where it needs samples or time to know which. */
  atMost?(model: Model, options: Options): number
  run(model: Model, options: Options, context: PassContext): Promise<PassResult>
}

/** The result of a pass that keeps the borders. */
export const onePart = (model: Model, changed: boolean, notes: readonly string[] = []): PassResult => ({
  changed,
  parts: [model],
  io: identityIo,
  notes,
})
