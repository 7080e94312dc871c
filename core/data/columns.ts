import type { DType } from '../ir/dtype.ts'
import type { SampleColumn } from '../runtime/session.ts'

/** Labels of all samples, flattened in C order. Class names become their index in the manifest's list of classes, else in the sorted list of names. */
export interface Labels {
  /** Dims of one sample's labels: `[]` for a class, `[128]` for the next tokens of a sequence. */
  readonly dims: readonly number[]
  readonly values: Float64Array
  /** Where labels are names: the classes in the order of their numbers, and the names that the files hold. */
  readonly named?: { readonly classes: readonly string[]; readonly found: readonly string[] }
}

/** What a loader makes of one split: raw columns, whatever the files looked like. */
export interface LoadedSplit {
  readonly count: number
  /** Samples that the files hold, also those that were left out. */
  readonly available: number
  readonly columns: readonly SampleColumn[]
  readonly labels: Labels | null
  /** Sentences about what was done to the samples or left out. */
  readonly notes: readonly string[]
  /** Milliseconds spent on decoding, resizing, tokenizing; 0 where arrays are used as they lie. */
  readonly preparationMs: number
}

/** A model input as data has to fit it. */
export interface InputSpec {
  readonly name: string
  readonly dtype: DType
  /** `null` where only the rank is known, or nothing. */
  readonly shape: readonly (number | string | null)[] | null
}
