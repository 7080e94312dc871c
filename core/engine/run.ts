import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Plan } from '../api/answers.ts'
import { type Problem, ProblemError, problemOf } from '../api/problem.ts'
import type { Candidate, Report, StageReport } from '../api/report.ts'
import type { RunRequest } from '../api/requests.ts'
import type { RunEvent } from '../api/run-event.ts'
import { preparationOf } from '../data/open.ts'
import { countNodes } from '../ir/reference.ts'
import { storagePair, withFileSizes } from '../measure/storage.ts'
import { refuseOwnFiles } from '../onnx/own-files.ts'
import { pathTo } from '../pipeline/plan.ts'
import { cancelled, type PipelineOutcome, runPipeline, stepsTo } from '../pipeline/runner.ts'
import { bytesOf } from '../pipeline/stage.ts'
import { targetNotes } from '../targets/target-notes.ts'
import { commandsOf } from './commands.ts'
import { nondeterminism } from './determinism.ts'
import { graphChanges } from './graph-changes.ts'
import type { RunControl } from './interface.ts'
import { type Measured, measureCandidate, notMeasured } from './measured.ts'
import { bytesOnDisk, type OpenedModel, parametersOf } from './models.ts'
import { writeCandidate, writeReport } from './output.ts'
import { checkFolder, type Wanted } from './output-folder.ts'
import { openPlace, type RunPlace } from './run-place.ts'
import { openStaging, type Staging } from './staging.ts'
import { told, toldProblem } from './told.ts'
import type { Workshop } from './workshop.ts'

/** What a run has made so far, for questions about it. */
export interface KnownRun {
  readonly plan: Plan
  readonly source: OpenedModel
  readonly outcome: PipelineOutcome
  /** Once it has ended. */
  readonly report?: Report
}

/** Runs a pipeline and tells of it as it goes. Ends with the report, which was also its last event. */
export async function runRequest(workshop: Workshop, request: RunRequest, control: RunControl): Promise<Report> {
  const say = control.onEvent ?? (() => undefined)
  const signal = control.signal ?? new AbortController().signal
  const plan = workshop.plan(request)
  const run = control.run ?? randomUUID()
  say({ type: 'started', run, stages: plan.order, leaves: plan.leaves })
  let place: RunPlace | null = null
  let staging: Staging | null = null
  try {
    if (request.out) await checkFolder(request.out, folderOf(request.out))
    say({ type: 'progress', stage: null, step: 'opening the model', done: 0, of: 0 })
    place = await openPlace(workshop, request, plan, signal)
    if (request.out)
      refuseOwnFiles(
        place.source.model,
        filesOf(plan)
          .flatMap((file) => [file, `${file}.data`])
          .map((file) => join(request.out!, file)),
      )
    const { source, sourceKey } = place
    for (const text of place.notes) say({ type: 'note', text })
    // A finished stage can be looked at while later ones still run, and after a later one failed or the run was cancelled.
    const begun = (outcome: PipelineOutcome) => workshop.remember(run, { plan, source, outcome })
    const outcome = await runPipeline({ plan, place: place.place, source: source.model, sourceKey, signal, say, begun })
    staging = request.out ? await openStaging(request.out, folderOf(request.out)) : null
    const task: Task = { workshop, request, plan, run: place, outcome, out: staging?.folder ?? null, say, signal }
    const report = await reportOf(task)
    workshop.remember(run, { plan, source, outcome, report })
    if (staging !== null) {
      await writeReport(staging.folder, report, plan)
      await staging.publish()
    }
    say({ type: 'finished', report })
    return report
  } catch (thrown) {
    const error = signal.aborted ? cancelled() : told(thrown, { store: workshop.store.root })
    const problem = problemOf(error)
    say({ type: 'failed', stage: problem.where.stage ?? null, problem })
    throw error instanceof ProblemError ? error : new ProblemError(problem)
  } finally {
    await staging?.discard()
    await place?.close()
  }
}

interface Task {
  readonly workshop: Workshop
  readonly request: RunRequest
  readonly plan: Plan
  readonly run: RunPlace
  readonly outcome: PipelineOutcome
  /** Where files go until all of them are there; `null` when nothing is written. */
  readonly out: string | null
  readonly say: (event: RunEvent) => void
  readonly signal: AbortSignal
}

async function reportOf(task: Task): Promise<Report> {
  const { workshop, request, plan, run, outcome } = task
  const { source, place } = run
  const written: { candidate: Candidate; measured: Measured }[] = []
  for (const leaf of plan.leaves.length === 0 ? ['source'] : plan.leaves) {
    const failure = failureOf(task, leaf)
    if (failure !== undefined && plan.leaves.length === 1) throw new ProblemError(failure)
    written.push(failure === undefined ? await finish(task, leaf) : await failed(task, leaf, failure))
    task.say({ type: 'candidate', candidate: written.at(-1)!.candidate })
  }
  if (written.every(({ candidate: { id } }) => outcome.failures.has(id))) throw new ProblemError(written[0]!.candidate.problem!)
  const { opened } = source.model
  return {
    lathe: workshop.version,
    date: workshop.clock().toISOString(),
    machine: place.machine,
    protocol: written.find(({ measured }) => measured.protocol !== null)?.measured.protocol ?? null,
    baseline: {
      path: opened?.path ?? source.path,
      hash: await run.hash,
      bytes: bytesOnDisk(source.model),
      parameters: parametersOf(source.model),
      ...countNodes(source.model),
      opsets: Object.fromEntries([...source.model.opsets].map(([domain, version]) => [domain === '' ? 'ai.onnx' : domain, version])),
    },
    pipeline: plan.pipeline.name,
    target: plan.pipeline.target,
    data: run.dataText,
    preparation: preparationOf(place.data),
    stages: [...outcome.stages],
    candidates: written.map(({ candidate }) => candidate),
    notes: [
      ...new Set([
        ...run.notes,
        ...rejections(outcome.stages),
        ...written.flatMap(({ candidate, measured }) =>
          [...measured.notes, ...rulesKept(task, candidate.id)].map((note) => (written.length > 1 ? `${candidate.id}: ${note}` : note)),
        ),
        ...nondeterminism(source.model),
      ]),
    ],
    commands: commandsOf(request, run),
  }
}

/** What the target's operator rules say of a leaf; a target that does not run here can only be asked that way. */
function rulesKept({ outcome, run, plan }: Task, leaf: string): readonly string[] {
  const model = leaf === 'source' ? run.source.model : outcome.versions.get(leaf)?.model
  return model === undefined || plan.pipeline.target === 'ort' ? [] : targetNotes(model, plan.pipeline.target)
}

const folderOf = (file: string): Wanted => ({ what: 'The output folder cannot be made', file })

/** Where a leaf's model lies in the output folder. */
const fileOf = (leaf: string, { leaves }: Plan): string => (leaves.length > 1 ? join(leaf, 'model.onnx') : 'model.onnx')

const filesOf = (plan: Plan): string[] => (plan.leaves.length > 1 ? plan.leaves : ['']).map((leaf) => fileOf(leaf, plan))

const notAsked = { unavailable: 'measuring was not asked for' }

/** Writes a leaf's model and measures it. */
async function finish(task: Task, leaf: string): Promise<{ candidate: Candidate; measured: Measured }> {
  const { request, plan, run, outcome, out, say, signal } = task
  const { source, place } = run
  const version = outcome.versions.get(leaf)!
  const steps = stepsTo(leaf, plan, outcome.versions)
  const progress = (step: string) => (done: number, of: number) => say({ type: 'progress', stage: leaf, step, done, of })
  const file = fileOf(leaf, plan)
  const bytes =
    out === null
      ? bytesOf(version.model)
      : (
          await writeCandidate({
            folder: join(out, file, '..'),
            lathe: task.workshop.version,
            baseline: source.model,
            baselineHash: run.hash,
            steps,
            externalData: request.externalData ?? false,
            signal,
            progress: progress('write'),
          })
        ).bytes
  const measured: Measured = run.measure
    ? await measureCandidate({
        place,
        source: source.model,
        version,
        request,
        signal,
        progress: (step, done, of) => progress(step)(done, of),
      })
    : notMeasured(notAsked.unavailable)
  const sizeBytes = { baseline: bytesOnDisk(source.model), candidate: bytes }
  const storage = await storagePair(source.model, version.model, run.measure ? true : notAsked)
  return {
    measured,
    candidate: {
      id: leaf,
      path: pathTo(leaf, plan.before),
      file: out === null ? null : file,
      ...measured.figures,
      layers: withFileSizes(measured.figures.layers, storage, sizeBytes),
      ...{ sizeBytes, storage },
      nodes: { baseline: countNodes(source.model).nodes, candidate: countNodes(version.model).nodes },
      changes: graphChanges(source.model, steps),
      ...(measured.problem === undefined ? {} : { problem: measured.problem }),
      ...(measured.unmeasured === undefined ? {} : { unmeasured: measured.unmeasured }),
    },
  }
}

function failureOf({ outcome, workshop }: Task, leaf: string): Problem | undefined {
  const failure = outcome.failures.get(leaf)
  return failure === undefined ? undefined : toldProblem(failure, workshop.store.root)
}

async function failed({ plan, run }: Task, leaf: string, problem: Problem): Promise<{ candidate: Candidate; measured: Measured }> {
  const reason = { unavailable: 'the candidate could not be made' }
  const measured = notMeasured(reason.unavailable)
  const [bytes, nodes] = [bytesOnDisk(run.source.model), countNodes(run.source.model).nodes]
  return {
    measured,
    candidate: {
      id: leaf,
      path: pathTo(leaf, plan.before),
      file: null,
      ...measured.figures,
      sizeBytes: { baseline: bytes, candidate: bytes },
      storage: await storagePair(run.source.model, run.source.model, reason),
      nodes: { baseline: nodes, candidate: nodes },
      changes: graphChanges(run.source.model, []),
      problem,
    },
  }
}

function rejections(stages: readonly StageReport[]): string[] {
  return stages
    .filter(({ verification }) => verification.verdict === 'rejected')
    .map(({ id, pass, verification: { reason, firstDiverging } }) => {
      const first = firstDiverging === undefined ? '' : `; the first value that differs is '${firstDiverging}'`
      return `Stage '${id}' (${pass}) was rejected and the version before it kept: ${reason}${first}.`
    })
}
