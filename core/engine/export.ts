import { rm, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import type { Exported } from '../api/answers.ts'
import { ProblemError } from '../api/problem.ts'
import type { ExportRequest } from '../api/requests.ts'
import { openData, type SampleData } from '../data/open.ts'
import type { Samples } from '../data/samples.ts'
import type { Judged } from '../measure/accuracy.ts'
import { refuseOwnFiles } from '../onnx/own-files.ts'
import type { Feeds, Outputs } from '../runtime/session.ts'
import { firstOf, verified } from './export-check.ts'
import { onnxDraft } from './export-onnx.ts'
import { tfliteDraft } from './export-tflite.ts'
import type { Control } from './interface.ts'
import { refuseInternal, writeBeside } from './output.ts'
import { openStaging } from './staging.ts'
import type { Found, Workshop } from './workshop.ts'

/** A version in a format, before it is a file. */
export interface Draft {
  /** Writes the files into a folder under the name that the request gives; the main file first. */
  write(folder: string): Promise<string[]>
  /** Names of files that `write` leaves in the folder for the check alone. */
  readonly scaffold: readonly string[]
  readonly ops: Readonly<Record<string, number>>
  readonly notes: readonly string[]
  /** Runs the written file on the source's feeds; outputs under the source's names. */
  run(file: string, feeds: readonly Feeds[]): Promise<Ran>
  /** How near the file must come to the version; `null` where the file is the version itself. */
  readonly limits: Limits | null
  /** How far onnxruntime may rewrite what the file is compared with. */
  readonly referenceLevel: 'all' | 'disabled'
  /** The written file as the task metric judges it, `null` where the version itself was judged before. */
  judged(file: string, output: string): Judged | null
}

export interface Ran {
  readonly outputs: readonly Outputs[]
  /** Milliseconds of single runs, and what ran them; `null` where nothing was timed. */
  readonly timed: { readonly runMs: readonly number[]; readonly by: string } | null
}

/** What the outputs of a file must keep of the version's. */
export interface Limits {
  readonly leastCosine: number
  /** Largest difference over the root mean square of the output; `null`: not asked for. */
  readonly mostRelative: number | null
  /** Whether every row must have the same largest element, but for ties. */
  readonly keepsTop: boolean
}

/** Parts of the version that the format cannot hold. */
export interface Refusal {
  readonly unsupported: Exported['unsupported']
  /** What mends several of them at once. */
  readonly notes: readonly string[]
}

export interface DraftInput {
  readonly workshop: Workshop
  readonly found: Found
  readonly request: ExportRequest
  /** The dataset that was given, `null` without one, and the samples of it that files are run on. */
  readonly data: SampleData | null
  readonly samples: Samples | null
  readonly signal: AbortSignal
  readonly progress: (done: number, of: number) => void
}

/** Writes a version in a format. The file is run beside the opened model before it takes its name. */
export async function exportVersion(workshop: Workshop, request: ExportRequest, control: Control = {}): Promise<Exported> {
  const found = workshop.find(request)
  refuseInternal(found.model)
  const signal = control.signal ?? new AbortController().signal
  const data = request.verify ? await datasetOf(workshop, found, request.verify) : null
  const input = {
    workshop,
    found,
    request,
    data,
    samples: data === null ? null : firstOf(data),
    signal,
    progress: (done: number, of: number) => control.onProgress?.('write', done, of),
  }
  const draft = request.format === 'onnx' ? onnxDraft(input) : await tfliteDraft(input)
  const out = resolve(request.out)
  refuseOwnFiles(found.source.model, [out, `${out}.data`])
  if ('unsupported' in draft)
    return {
      file: out,
      files: [],
      reports: [],
      bytes: 0,
      ops: {},
      verification: { unavailable: 'nothing was written' },
      unsupported: draft.unsupported,
      notes: [...draft.notes],
    }
  const staging = await openStaging(dirname(out), { what: 'The folder of the export cannot be written', file: out })
  try {
    const files = await draft.write(staging.folder)
    const { verification, notes } = await verified(input, draft, files[0]!, control)
    if ('passed' in verification && !verification.passed && request.force !== true) throw notEqual(out, verification.why)
    // What was written for the check alone is none of the user's.
    for (const name of draft.scaffold) await rm(join(staging.folder, name), { force: true })
    const published = await staging.publish()
    return {
      file: out,
      files: published,
      reports: await reportsBeside(workshop, request, out),
      bytes: await bytesOf(published),
      ops: { ...draft.ops },
      verification,
      unsupported: [],
      notes: [...draft.notes, ...notes],
    }
  } catch (error) {
    throw atTarget(error, staging.folder, out)
  } finally {
    await staging.discard()
  }
}

/** Files that are on their way have another folder; the user asked for the one that they were to lie in. */
function atTarget(error: unknown, folder: string, out: string): unknown {
  if (!(error instanceof ProblemError) || error.problem.where.file === undefined) return error
  const { problem } = error
  const inside = relative(folder, problem.where.file!)
  if (inside.startsWith('..') || isAbsolute(inside)) return error
  return new ProblemError({ ...problem, where: { ...problem.where, file: join(dirname(out), inside) } })
}

async function reportsBeside(workshop: Workshop, request: ExportRequest, out: string): Promise<string[]> {
  const run = workshop.run(request.run)
  return request.report === true && run?.report !== undefined ? writeBeside(out, run.report, run.plan) : []
}

async function bytesOf(files: readonly string[]): Promise<number> {
  let bytes = 0
  for (const file of files) bytes += (await stat(file)).size
  return bytes
}

const datasetOf = ({ store }: Workshop, { source }: Found, manifest: string): Promise<SampleData> =>
  openData({ manifest, graph: source.model.graph, store, halve: false })

function notEqual(file: string, why: string | null): ProblemError {
  return new ProblemError({
    kind: 'verification',
    code: 'export-differs',
    what: `The written file does not give what the model gives: ${why}`,
    where: { file },
    mend: 'Nothing was kept. Use --force to write it nevertheless.',
  })
}
