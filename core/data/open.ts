import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Dataset, Metric, Split } from '../api/dataset.ts'
import type { Preparation } from '../api/measurement.ts'
import { ProblemError } from '../api/problem.ts'
import type { Graph } from '../ir/graph.ts'
import type { SampleColumn } from '../runtime/session.ts'
import type { Store } from '../store/store.ts'
import { brokenSamples } from './broken.ts'
import type { InputSpec, LoadedSplit } from './columns.ts'
import { bindSizes, type DimSizes } from './dims.ts'
import { fitColumns } from './fit.ts'
import { generateColumns, generatedNote } from './generated.ts'
import { requireSameClasses } from './labels.ts'
import { loaders } from './loaders.ts'
import { type Manifest, readManifest } from './manifest.ts'
import { samplesWithNaN } from './nan.ts'
import { defaultSeed } from './random.ts'
import { halves, pick, type Samples, samplesOf } from './samples.ts'

/** All the data of a run, fitted to a model: columns in raw files, labels beside them. */
export interface SampleData {
  readonly calibration: Samples | null
  /** What searches may look at. */
  readonly selection: Samples | null
  /** What final figures come from. */
  readonly evaluation: Samples | null
  readonly metric: Metric
  /** Whether the samples are made up, so that accuracy says nothing about a task. */
  readonly random: boolean
  readonly notes: readonly string[]
  /** Milliseconds spent on decoding, resizing and tokenizing; no part of any latency. */
  readonly preparationMs: number
}

/** What preparing the samples of a dataset took; `null` where there is none. */
export function preparationOf(data: SampleData | null): Preparation | null {
  if (data === null || data.random) return null
  const samples = [data.calibration, data.selection, data.evaluation].reduce((sum, split) => sum + (split?.table.count ?? 0), 0)
  return { ms: data.preparationMs, samples }
}

export interface OpenRequest {
  readonly manifest: string
  /** The graph whose inputs the samples are for. */
  readonly graph: Graph
  readonly store: Store
  readonly seed?: number
  /** Keep a half of the evaluation samples for searches when the manifest names no selection; on unless given. */
  readonly halve?: boolean
  /** Leave broken samples out instead of failing; they are counted in the notes. */
  readonly skipBroken?: boolean
  /** Prepare at most this many samples of each split. */
  readonly limit?: number
}

/** Opens a dataset manifest for a model. Whatever does not fit is a `Problem` that names the array, what was expected and what was found. */
export async function openData(request: OpenRequest): Promise<SampleData> {
  const manifest = await readManifest(request.manifest)
  const { dataset } = manifest
  const opened = await openSplits(manifest, request)
  checkMetric(dataset, opened.evaluation?.samples ?? null, request)
  const { selection, evaluation } = await divide(opened.selection?.samples ?? null, opened.evaluation?.samples ?? null, request)
  const splits = Object.values(opened).filter((split) => split !== null)
  return {
    calibration: opened.calibration?.samples ?? null,
    selection,
    evaluation,
    metric: dataset.metric,
    random: false,
    notes: [...new Set(splits.flatMap(({ notes }) => notes))],
    preparationMs: splits.reduce((sum, split) => sum + split.preparationMs, 0),
  }
}

type SplitRequest = Omit<OpenRequest, 'manifest' | 'halve'>

/** The splits of a manifest, each fitted to the model. */
export async function openSplits(manifest: Manifest, request: SplitRequest) {
  const opened = {
    calibration: await openSplit('calibration', manifest, request),
    evaluation: await openSplit('evaluation', manifest, request),
    selection: await openSplit('selection', manifest, request),
  }
  const labelsOf = (split: OpenedSplit | null) => split?.samples.labels ?? null
  requireSameClasses(
    { calibration: labelsOf(opened.calibration), evaluation: labelsOf(opened.evaluation), selection: labelsOf(opened.selection) },
    { classes: manifest.dataset.classes, manifest: manifest.path },
  )
  return opened
}

async function divide(selection: Samples | null, evaluation: Samples | null, request: OpenRequest) {
  if (selection !== null || evaluation === null || request.halve === false) return { selection, evaluation }
  const parts = await halves(evaluation, request.seed ?? defaultSeed, request.store)
  return parts === null ? { selection: null, evaluation } : { selection: parts.selection, evaluation: parts.final }
}

interface OpenedSplit {
  readonly samples: Samples
  /** Samples that its files hold. */
  readonly available: number
  readonly notes: readonly string[]
  readonly preparationMs: number
}

async function openSplit(
  name: 'calibration' | 'evaluation' | 'selection',
  manifest: Manifest,
  request: SplitRequest,
): Promise<OpenedSplit | null> {
  const split: Split | undefined = manifest.dataset[name]
  if (split === undefined) return null
  const file = await manifest.resolve(split.file, `${name}.file`)
  await requireForm(file, manifest, `${name}.file`)
  const inputs = inputsOf(request.graph)
  const load = loaders[manifest.dataset.kind]
  const { store, skipBroken = false, limit = Number.POSITIVE_INFINITY } = request
  const loaded = await load({ file, split, manifest, inputs, store, skipBroken, limit })
  if (loaded.count === 0) throw noneLeft(file, loaded.available, name)
  const fitted = await fitColumns({ file, split: loaded, inputs, store: request.store })
  const missing = inputs.filter((input) => !fitted.columns.some((column) => column.name === input.name))
  const generated = await generateMissing(missing, { loaded, columns: fitted.columns, request })
  const context = { count: loaded.count, description: `${name} samples`, store: request.store }
  const told = missing.length === 0 ? [] : [generatedNote(missing, request.seed ?? defaultSeed)]
  const samples = await samplesOf([...fitted.columns, ...generated], loaded.labels, context)
  const sound = manifest.dataset.kind === 'npz' ? await withoutNaN(samples, { file, store, skipBroken }) : { samples, notes: [] }
  if (sound.samples.table.count === 0) throw noneLeft(file, loaded.available, name)
  return {
    samples: sound.samples,
    available: loaded.available,
    notes: [...loaded.notes, ...sound.notes, ...fitted.notes, ...told],
    preparationMs: loaded.preparationMs,
  }
}

/** Images lie in folders, everything else in files. */
async function requireForm(file: string, { path, dataset: { kind } }: Manifest, at: string): Promise<void> {
  const wanted = kind === 'images' ? 'folder' : 'file'
  const found = (await stat(file)).isDirectory() ? 'folder' : 'file'
  if (found === wanted) return
  throw new ProblemError({
    kind: 'input',
    code: `not-a-${wanted}`,
    what: `'${basename(file)}' is a ${found}, and a dataset of kind '${kind}' takes a ${wanted}`,
    where: { file: path, path: at },
    mend: `Name a ${wanted} there, or change "kind".`,
  })
}

function noneLeft(file: string, available: number, split: string): ProblemError {
  return new ProblemError({
    kind: 'input',
    code: 'no-samples',
    what: available === 0 ? `There are no ${split} samples` : `None of the ${available} ${split} samples can be used`,
    where: { file },
    mend: available === 0 ? 'Give a file that has some.' : 'Without --skip-broken the first of them is named with what is wrong.',
  })
}

interface Sifting {
  readonly file: string
  readonly store: Store
  readonly skipBroken: boolean
}

/** Arrays are used as they lie, so what is broken in them is looked for. @throws ProblemError `broken-sample` unless they are to be skipped */
async function withoutNaN(samples: Samples, { file, store, skipBroken }: Sifting): Promise<Pick<OpenedSplit, 'samples' | 'notes'>> {
  const { table, description } = samples
  const found = await samplesWithNaN(table.inputs, table.count)
  if (found.size === 0) return { samples, notes: [] }
  const broken = brokenSamples(file, skipBroken)
  for (const [sample, array] of found) broken.add(String(sample), `array '${array}' holds what is not a number (NaN)`)
  const kept = [...Array(table.count).keys()].filter((sample) => !found.has(sample))
  return { samples: await pick(samples, kept, { description, store }), notes: broken.notes() }
}

function generateMissing(
  missing: readonly InputSpec[],
  { loaded, columns, request }: { loaded: LoadedSplit; columns: readonly SampleColumn[]; request: SplitRequest },
): Promise<SampleColumn[]> {
  const sizes = bindSizes(inputsOf(request.graph), columns)
  const { graph, store, seed = defaultSeed } = request
  return generateColumns({ graph, inputs: missing, count: loaded.count, seed, sizes, store })
}

const needLabels: ReadonlySet<string> = new Set(['accuracy', 'top5', 'f1', 'mse'])

function checkMetric({ metric }: Dataset, evaluation: Samples | null, request: OpenRequest): void {
  const outputs = request.graph.outputs.map(({ name }) => name)
  const where = { file: request.manifest, path: 'metric' }
  if (metric.output !== undefined && !outputs.includes(metric.output)) {
    const what = `The metric is taken on output '${metric.output}', which the model does not have`
    throw new ProblemError({ kind: 'input', code: 'no-such-output', what, where, mend: `Name one of ${outputs.join(', ')}.` })
  }
  if (evaluation === null || evaluation.labels !== null || !needLabels.has(metric.kind)) return
  throw new ProblemError({
    kind: 'input',
    code: 'no-labels',
    what: `The metric '${metric.kind}' needs labels, and the evaluation samples have none`,
    where,
    mend: 'Name them under "evaluation.labels", or take the metric "agreement" or "sqnr".',
  })
}

export interface GeneratedRequest {
  readonly graph: Graph
  readonly store: Store
  readonly count: number
  readonly seed?: number
  /** Sizes of symbolic dims, for sweeps: `{ sequence: 128 }`. */
  readonly sizes?: DimSizes
}

/** Samples made up from a model's inputs, for use without a dataset. Accuracy on them is agreement with the baseline, no more. */
export async function generatedData({ graph, store, count, seed = defaultSeed, sizes = new Map() }: GeneratedRequest): Promise<SampleData> {
  const columns = await generateColumns({ graph, inputs: inputsOf(graph), count, seed, sizes, store })
  const samples = await samplesOf(columns, null, { count, description: `random inputs, seed ${seed}`, store })
  return {
    calibration: null,
    selection: null,
    evaluation: samples,
    metric: { kind: 'sqnr' },
    random: true,
    notes: [`There is no dataset: inputs were made up from types and shapes with seed ${seed}, so accuracy was judged on random inputs.`],
    preparationMs: 0,
  }
}

/** What a graph takes in. Inputs with a default (older models list their weights) are not fed. */
export function inputsOf(graph: Graph): InputSpec[] {
  return graph.inputs
    .filter((value) => value.initializer === null)
    .map(({ name, type }) => {
      if (type?.kind === 'tensor') return { name, dtype: type.dtype, shape: type.shape }
      throw new ProblemError({
        kind: 'unsupported',
        code: 'input-kind',
        what: `Input '${name}' is ${type === null ? 'of unknown type' : `a ${type.kind}`}, not a tensor`,
        where: { tensor: name },
        mend: 'Only models whose inputs are tensors can be measured.',
      })
    })
}
