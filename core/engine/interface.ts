import type { Comparison, DatasetInfo, Exported, Opened, Plan, Preset, WouldChange } from '../api/answers.ts'
import type { Bench } from '../api/bench.ts'
import type { Diff } from '../api/diff.ts'
import type { GraphView, NodeDetail } from '../api/graph-view.ts'
import type { Inspection } from '../api/inspection.ts'
import type { Machine } from '../api/measurement.ts'
import type { PassInfo } from '../api/pipeline.ts'
import type { DataProposal } from '../api/proposal.ts'
import type { Recommendation } from '../api/recommendation.ts'
import type { Report } from '../api/report.ts'
import type {
  BenchRequest,
  CompareRequest,
  DatasetRequest,
  DiffRequest,
  ExportRequest,
  GraphViewRequest,
  OpenRequest,
  PlanRequest,
  ProposeDatasetRequest,
  RecommendRequest,
  RunRequest,
  VersionRequest,
  WouldChangeRequest,
  WriteDatasetRequest,
} from '../api/requests.ts'
import type { RunEvent } from '../api/run-event.ts'
import type { SpawnRuntime } from '../runtime/session.ts'

export interface EngineOptions {
  /** Folder of the store: remembered results, versions, scratch files. Made when it is absent. */
  readonly store: string
  /** Makes runtime processes; the first one is made when something needs to run. */
  readonly spawnRuntime: SpawnRuntime
  /** Version of Lathe, for reports. */
  readonly version: string
  /** The time of day, for reports. */
  readonly clock?: () => Date
}

/** Hears how far long work has come, and may end it. */
export interface Control {
  readonly signal?: AbortSignal
  /** `of` is 0 when the end is not known. */
  readonly onProgress?: (step: string, done: number, of: number) => void
}

export interface RunControl {
  /** The name under which later calls find the versions that this run makes; a fresh one unless given. */
  readonly run?: string
  readonly signal?: AbortSignal
  readonly onEvent?: (event: RunEvent) => void
}

/**
 * All that Lathe can do, behind one door: the window, the web host and the command line call nothing else.
 *
 * Wherever a request names a model, a path or the handle of an open model will do; a path is opened by itself.
 * Every method throws a `ProblemError` when it cannot do what is asked; a problem of kind `usage` is a wrong option or name.
 */
export interface Engine {
  /** Reads the graph (not the weights) and keeps it open under a handle. */
  open(request: OpenRequest): Promise<Opened>
  /** The model of a handle again, for a window that was loaded anew or stands beside another; it counts as one more holder. */
  reopen(model: string): Promise<Opened>
  /** Lets go of an open model; the last holder closes it. */
  forget(model: string): void
  /** What the graph is made of; runs nothing. */
  inspect(request: VersionRequest): Promise<Inspection>
  passes(): readonly PassInfo[]
  presets(): readonly Preset[]
  /** Checks a pipeline in full: shape, passes, options, wires. */
  plan(request: PlanRequest): Promise<Plan>
  /** Runs a pipeline. Ends with the report that was also its last event. */
  run(request: RunRequest, control?: RunControl): Promise<Report>
  bench(request: BenchRequest, control?: Control): Promise<Bench>
  compare(request: CompareRequest, control?: Control): Promise<Comparison>
  diff(request: DiffRequest): Promise<Diff>
  export(request: ExportRequest, control?: Control): Promise<Exported>
  recommend(request: RecommendRequest): Promise<Recommendation>
  graphView(request: GraphViewRequest): Promise<GraphView>
  nodeDetail(request: VersionRequest & { readonly node: string }): Promise<NodeDetail>
  wouldChange(request: WouldChangeRequest, control?: Control): Promise<WouldChange>
  /** This machine and its runtime (starts the runtime process once to ask it). */
  machine(): Promise<Machine>
  dataset(request: DatasetRequest): Promise<DatasetInfo>
  /** A manifest for a model and a folder of samples, with the first of them as the model takes them in. Writes nothing. */
  proposeDataset(request: ProposeDatasetRequest): Promise<DataProposal>
  /** Writes a manifest into its folder. */
  writeDataset(request: WriteDatasetRequest): Promise<{ readonly path: string }>
  /** Ends the runtime process and lets go of everything. */
  close(): Promise<void>
}
