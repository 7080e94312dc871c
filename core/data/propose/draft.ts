import { extname } from 'node:path'
import type { Dataset, Metric, Split } from '../../api/dataset.ts'
import type { InputSpec } from '../columns.ts'
import { sortedNames } from '../labels.ts'

/** What a proposal knows of a model: what goes in, and what comes out. */
export interface Borders {
  readonly inputs: readonly InputSpec[]
  readonly outputs: readonly InputSpec[]
}

/** What lies in a folder: paths relative to it, files of a few levels, in order. */
export interface FolderFiles {
  readonly folder: string
  readonly files: readonly string[]
}

/** A manifest in the making. */
export interface Draft {
  readonly manifest: Dataset
  readonly because: readonly { readonly at: string; readonly why: string }[]
  /** Files that could stand in the splits, and arrays or columns that could be labels. */
  readonly files: readonly string[]
  readonly columns: readonly string[]
}

/** Proposes a manifest where the folder holds what this kind of dataset is made of and the model takes it; else `null`. */
export type Propose = (found: FolderFiles, borders: Borders) => Promise<Draft | null>

export const withExtension = ({ files }: FolderFiles, extensions: readonly string[]): string[] =>
  files.filter((file) => extensions.includes(extname(file).toLowerCase()))

const calibrationLike = /calib|train/i
const evaluationLike = /eval|test|val|dev/i

interface Splits {
  readonly splits: { readonly calibration?: Split; readonly evaluation: Split }
  readonly because: Draft['because']
}

/** Which file is for what, by their names. One file alone serves for both, which is said. */
export function splitsOf(files: readonly string[], labels: string | undefined): Splits {
  const calibration = files.find((file) => calibrationLike.test(file) && !evaluationLike.test(file))
  const evaluation = files.find((file) => evaluationLike.test(file)) ?? files.find((file) => file !== calibration) ?? (files[0] as string)
  const labelled = labels === undefined ? {} : { labels }
  const because = [
    {
      at: 'evaluation',
      why: `'${evaluation}' ${evaluationLike.test(evaluation) ? 'is named like what models are judged on' : 'is there'}`,
    },
  ]
  if (calibration !== undefined && calibration !== evaluation) {
    because.push({ at: 'calibration', why: `'${calibration}' is named like what models are calibrated with` })
    return { splits: { calibration: { file: calibration }, evaluation: { file: evaluation, ...labelled } }, because }
  }
  because.push({
    at: 'calibration',
    why: 'there is nothing else: ranges of 8-bit values are then found on the samples that judge them, which flatters them a little',
  })
  return { splits: { calibration: { file: evaluation }, evaluation: { file: evaluation, ...labelled } }, because }
}

/** What labels look like, as far as it is known before they are read. */
export interface LabelForm {
  /** Labels of one sample. */
  readonly dims: readonly number[]
  readonly whole: boolean
}

/** The metric that fits the labels and the outputs, and why. */
export function metricFor(labels: LabelForm | null, { outputs }: Borders): { readonly metric: Metric; readonly why: string } {
  const ofRank = (rank: number) => outputs.find(({ shape }) => shape?.length === rank)
  const named = (output: InputSpec | undefined) => (output === undefined ? {} : { output: output.name })
  const classes = ofRank(2)
  if (labels === null) {
    const last = classes?.shape?.[1]
    return typeof last === 'number' && last > 1
      ? { metric: { kind: 'agreement', ...named(classes) }, why: 'there are no labels: how often the largest output stays the same' }
      : { metric: { kind: 'sqnr', ...named(outputs[0]) }, why: 'there are no labels: how far the outputs move' }
  }
  if (labels.dims.length === 1 && labels.whole && ofRank(3) !== undefined)
    return { metric: { kind: 'perplexity', ...named(ofRank(3)) }, why: 'there is a label for each position of a sequence' }
  if (labels.dims.length === 0 && labels.whole)
    return { metric: { kind: 'accuracy', ...named(classes ?? outputs[0]) }, why: 'there is one class for each sample' }
  return { metric: { kind: 'mse', ...named(outputs[0]) }, why: 'the labels are numbers, not classes' }
}

interface Classes {
  readonly classes: string[]
  readonly because: Draft['because']
}

/**
 * The list of classes from the names that all splits hold: sorted, as most tools number them. Names that are the numbers of outputs say themselves
 * where they belong, also where some are missing.
 */
export function classesFor(names: readonly string[], { outputs }: Borders): Classes {
  const found = sortedNames(names)
  const width = outputs.find(({ shape }) => shape?.length === 2)?.shape?.[1]
  const because = (why: string) => [{ at: 'classes', why }]
  if (typeof width !== 'number')
    return { classes: found, because: because('the names in their order; the outputs of the model must have the same') }
  if (found.every((name) => /^(0|[1-9]\d*)$/.test(name) && Number(name) < width))
    return { classes: Array.from({ length: width }, (_, at) => String(at)), because: because('the names are the numbers of the outputs') }
  if (found.length === width)
    return { classes: found, because: because(`the ${width} names in their order: the model must have been trained with the same`) }
  const why = `there are ${found.length} names, and the model has ${width} outputs: put each name at the place of its output, and add those that are missing`
  return { classes: found, because: because(why) }
}

/** The classes of labels in a column; none where all labels are numbers. */
export function classesInColumn(
  values: readonly unknown[],
  borders: Borders,
): { readonly classes?: string[]; readonly because: Draft['because'] } {
  const given = values.filter((value) => value !== undefined && value !== null && value !== '')
  return given.every((value) => Number.isFinite(Number(value))) ? { because: [] } : classesFor(given.map(String), borders)
}

export const labelLike = /^(labels?|class(es)?|targets?|y|category|species)$/i
