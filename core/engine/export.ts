import { existsSync, realpathSync } from 'node:fs'
import { rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { Exported } from '../api/answers.ts'
import { ProblemError, problemOf } from '../api/problem.ts'
import type { ExportRequest } from '../api/requests.ts'
import { generatedData, openData, type SampleData } from '../data/open.ts'
import { feedsOf, type Samples } from '../data/samples.ts'
import { asFileProblem } from '../onnx/file-blob.ts'
import { feedsFor, outputsOf, sourceBorders } from '../pipeline/borders.ts'
import { createWorkbench } from '../pipeline/place.ts'
import type { Feeds, Outputs } from '../runtime/session.ts'
import { type Agreement, agreementOf } from './agreement.ts'
import { onnxDraft } from './export-onnx.ts'
import { tfliteDraft } from './export-tflite.ts'
import { withSizes } from './fixed-sizes.ts'
import type { Control } from './interface.ts'
import { refuseInternal } from './output.ts'
import { outputFolder } from './output-folder.ts'
import { defaultThreads } from './run-place.ts'
import type { Found, Workshop } from './workshop.ts'

/** Samples that a written file is checked on. */
const checkedSamples = 32
const generatedSamples = 4

/** A version in a format, before it is a file. */
export interface Draft {
  /** Writes the files into a folder under the name that the request gives; the main file first. */
  write(folder: string): Promise<string[]>
  readonly ops: Readonly<Record<string, number>>
  readonly notes: readonly string[]
  /** Runs the written file on the source's feeds; outputs under the source's names. */
  run(file: string, feeds: readonly Feeds[]): Promise<readonly Outputs[]>
  /** Cosine between the file and the version below which the conversion has failed; `null` where the file is the version itself. */
  readonly leastCosine: number | null
  /** How far onnxruntime may rewrite what the file is compared with. */
  readonly referenceLevel: 'all' | 'disabled'
}

/** Parts of the version that the format cannot hold. */
export interface Refusal {
  readonly unsupported: Exported['unsupported']
}

export interface DraftInput {
  readonly workshop: Workshop
  readonly found: Found
  readonly request: ExportRequest
  /** Samples of the dataset that was given, `null` without one. */
  readonly samples: Samples | null
  readonly signal: AbortSignal
  readonly progress: (done: number, of: number) => void
}

/** Writes a version in a format. The file is run beside the opened model before it takes its name. */
export async function exportVersion(workshop: Workshop, request: ExportRequest, control: Control = {}): Promise<Exported> {
  const found = workshop.find(request)
  refuseInternal(found.model)
  const signal = control.signal ?? new AbortController().signal
  const samples = request.verify ? await datasetSamples(workshop, found, request.verify) : null
  const input = {
    workshop,
    found,
    request,
    samples,
    signal,
    progress: (done: number, of: number) => control.onProgress?.('write', done, of),
  }
  const draft = request.format === 'onnx' ? onnxDraft(input) : await tfliteDraft(input)
  const out = resolve(request.out)
  refuseSource(found, out)
  if ('unsupported' in draft)
    return {
      file: out,
      files: [],
      bytes: 0,
      ops: {},
      verification: { unavailable: 'nothing was written' },
      unsupported: draft.unsupported,
      notes: [],
    }
  const folder = join(dirname(out), `.lathe-${process.pid}-${Date.now()}`)
  await outputFolder(folder, { what: 'The folder of the export cannot be written', file: out })
  try {
    const files = await draft.write(folder)
    const verification = await verified(input, draft, files[0]!, control)
    if ('passed' in verification && !verification.passed && request.force !== true) throw notEqual(out, verification)
    const published = await publish(files, dirname(out))
    return {
      file: out,
      files: published,
      bytes: await bytesOf(published),
      ops: { ...draft.ops },
      verification,
      unsupported: [],
      notes: [...draft.notes],
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** A user's file is never written in place. */
function refuseSource({ source }: Found, out: string): void {
  const own = new Set(source.model.opened?.files.map(({ path }) => path))
  const hit = [out, `${out}.data`].find((target) => existsSync(target) && own.has(realpathSync(target)))
  if (hit === undefined) return
  throw new ProblemError({
    kind: 'file',
    code: 'own-source',
    what: 'The model is read from this file, so it cannot be written over it',
    where: { file: hit },
    mend: 'Choose another name or folder.',
  })
}

async function publish(files: readonly string[], folder: string): Promise<string[]> {
  const published: string[] = []
  // The main file last: when it is there, all of it is there.
  for (const file of [...files].reverse()) {
    const target = join(folder, basename(file))
    await rename(file, target).catch((error) => Promise.reject(asFileProblem(error, target)))
    published.unshift(target)
  }
  return published
}

async function bytesOf(files: readonly string[]): Promise<number> {
  let bytes = 0
  for (const file of files) bytes += (await stat(file)).size
  return bytes
}

/** Runs the opened model and the written file on the same samples. */
async function verified(input: DraftInput, draft: Draft, file: string, control: Control): Promise<Exported['verification']> {
  const { request, workshop, found, signal } = input
  if (request.check === false) return { unavailable: 'not asked for' }
  const data = await samplesFor(input)
  if ('unavailable' in data) return data
  const feeds = await feedsFrom(data)
  const workbench = createWorkbench(workshop.store)
  try {
    // A conversion is judged beside the version that it converts, an .onnx file beside the model that was opened.
    const beside = draft.leastCosine === null ? { model: found.source.model, borders: sourceBorders } : found
    const session = {
      model: await workbench.fileOf(beside.model),
      provider: 'cpu',
      threads: defaultThreads(),
      level: draft.referenceLevel,
    } as const
    const reference: Outputs[] = []
    for (const [at, each] of feeds.entries()) {
      control.onProgress?.('verify', at, feeds.length)
      const outputs = await workshop.runtime.execute({ session, feeds: feedsFor(each, beside.borders), wanted: [] }, { signal })
      reference.push(outputsOf(outputs, beside.borders))
    }
    const { maxAbs, cosine, agreement, samples, fault } = agreementOf(reference, await draft.run(file, feeds))
    const passed = fault === null && cosine >= (draft.leastCosine ?? -1)
    return { maxAbs, cosine, agreement, samples, inputs: data.description, passed }
  } finally {
    await workbench.remove()
  }
}

async function datasetSamples({ store }: Workshop, { source }: Found, manifest: string): Promise<Samples | null> {
  return firstOf(await openData({ manifest, graph: source.model.graph, store, halve: false }))
}

const firstOf = ({ evaluation, calibration, selection }: SampleData): Samples | null => evaluation ?? calibration ?? selection

/** The dataset's samples, or made-up ones of the sizes that were asked for. */
async function samplesFor({ request, workshop, found, samples }: DraftInput): Promise<Samples | { unavailable: string }> {
  const empty = { unavailable: 'the dataset has no samples' }
  if (request.verify) return samples ?? empty
  try {
    const { graph } = withSizes(found.source.model, request.sizes ?? {})
    return firstOf(await generatedData({ graph, store: workshop.store, count: generatedSamples })) ?? empty
  } catch (error) {
    const problem = problemOf(error)
    // Inputs that nobody can make up keep a model from being checked, not from being written.
    if (problem.kind !== 'unsupported') throw error
    return { unavailable: problem.what }
  }
}

async function feedsFrom({ table }: Samples): Promise<Feeds[]> {
  const feeds: Feeds[] = []
  for (let at = 0; at < Math.min(table.count, checkedSamples); at++) feeds.push(await feedsOf(table, at, 1))
  return feeds
}

function notEqual(file: string, { maxAbs, cosine }: Pick<Agreement, 'maxAbs' | 'cosine'>): ProblemError {
  return new ProblemError({
    kind: 'verification',
    code: 'export-differs',
    what: `The written file does not give what the model gives (largest difference ${maxAbs.toPrecision(3)}, cosine ${cosine.toPrecision(6)})`,
    where: { file },
    mend: 'Nothing was kept. Use --force to write it nevertheless.',
  })
}
