import type { Unavailable } from '../api/measurement.ts'
import type { DType } from '../ir/dtype.ts'
import type { ReducerCall, TensorData } from '../observe/reducer.ts'

/** Optimization levels of the runtime; `all` is what people deploy. */
export type Level = 'disabled' | 'basic' | 'extended' | 'all'

/** A model file on disk and how to open it. */
export interface SessionSpec {
  /** Path of an .onnx file (usually a materialised version: a skeleton over hard-linked blobs). */
  readonly model: string
  readonly provider: string
  /** Intra-op threads. */
  readonly threads: number
  readonly level: Level
  /** `session.*` entries, string values: `{ 'session.force_spinning_stop': '1' }`. */
  readonly config?: Readonly<Record<string, string>>
  /**
   * Values of the main graph that become outputs besides the model's own (naming those is harmless). The file stays as it is. At any level but `disabled` this changes
   * which kernels the runtime picks: expose values of a model as written, or of an executed graph, with optimization off.
   */
  readonly expose?: readonly string[]
}

/** The numeric element types that the Node binding of onnxruntime passes; it throws for others, and miscounts those of 4 bits. */
export const passedTypes: ReadonlySet<DType> = new Set<DType>([
  ...(['float32', 'float64', 'float16', 'int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64', 'bool'] as const),
])

export type Feeds = Readonly<Record<string, TensorData>>
export type Outputs = Readonly<Record<string, TensorData>>

/** Samples by reference: raw arrays in files, first axis = samples, so that no bulk data passes between processes. */
export interface SampleTable {
  /** Hash of the content, part of every memo key. */
  readonly id: string
  readonly count: number
  readonly inputs: readonly SampleColumn[]
}

export interface SampleColumn {
  readonly name: string
  readonly dtype: DType
  /** Dims of one sample, without the sample axis. */
  readonly dims: readonly number[]
  /** The input has no axis of samples: a run takes exactly one sample, with `dims` as they are (so the batch is 1). */
  readonly whole?: boolean
  /** File with the raw little-endian elements of all samples, and where they begin. */
  readonly file: string
  readonly offset: number
}

export interface ExecuteRequest {
  readonly session: SessionSpec
  readonly feeds: Feeds
  /** Names of the outputs to fetch; all when empty. */
  readonly wanted: readonly string[]
}

export interface ObserveRequest {
  readonly sessions: readonly SessionSpec[]
  readonly samples: SampleTable
  /** Samples in one run. */
  readonly batch: number
  /** At most this many samples; all unless given. */
  readonly limit?: number
  readonly calls: readonly ReducerCall[]
  /** For each session: model input -> where it comes from, when that is not the column of the same name as it is. */
  readonly io?: readonly Readonly<Record<string, InputSource>>[]
}

/** How a model input follows from a column of the samples, where borders differ between versions. */
export interface InputSource {
  readonly column: string
  /** Index of an earlier session of the request: `column` then names one of its outputs, and that is what is fed. */
  readonly session?: number
  /** The type of the model's input. */
  readonly cast?: DType
  /** Axes of the column including the sample axis, as in Transpose. */
  readonly permute?: readonly number[]
}

export interface TimeRequest {
  readonly sessions: readonly SessionSpec[]
  /** One batch of feeds for each session (shorter lists repeat the last). */
  readonly feeds: readonly Feeds[]
  readonly rounds: number
  readonly warmup: number
  /** Seed of the order of sessions in each round. */
  readonly seed: number
}

export interface TimeResult {
  /** Milliseconds, [session][round], rounds aligned between sessions; includes the copy of outputs to JavaScript. */
  readonly runs: readonly (readonly number[])[]
  readonly loadMs: readonly number[]
  readonly firstRunMs: readonly number[]
  /** What else happened on the machine during the timed rounds. */
  readonly conditions: Conditions
}

export interface Conditions {
  /** Wall time of all timed rounds. */
  readonly milliseconds: number
  /** Processor time that everything but this process took meanwhile, in whole cores: 0.5 is half of one. */
  readonly otherCores: number
  /** The fastest core's clock at several moments, as the system tells it; empty where it does not. */
  readonly megahertz: readonly number[]
  /** What the processor packages took, everything that ran on them included. */
  readonly joules: number | Unavailable
}

export interface KernelTime {
  /** Node name in the executed graph. */
  readonly node: string
  readonly opType: string
  readonly provider: string
  /** Microseconds, one a run. */
  readonly runs: readonly number[]
}

export interface ProfileResult {
  /** Microseconds of whole runs as the profiler saw them: kernels and all that is between them. */
  readonly runs: readonly number[]
  readonly kernels: readonly KernelTime[]
}

export interface ProfileRequest {
  readonly session: SessionSpec
  readonly feeds: Feeds
  readonly runs: number
  readonly warmup: number
}

export interface OptimizeRequest {
  readonly session: SessionSpec
  /** Where the runtime writes the graph that it executes. */
  readonly out: string
  /** Name of a file beside `out` for initializers of 1 KiB and more; needed when the result would pass 2 GiB. In the file itself unless given. */
  readonly data?: string
}

/** In a session's spec, where `model` is a `.tflite` file: only `observe` takes it. */
export const litertProvider = 'litert'

/** A `.tflite` file and what it is fed with, run by run. */
export interface LiteRequest {
  readonly file: string
  readonly feeds: readonly Feeds[]
}

export interface LiteResult {
  /** One set for each set of feeds. */
  readonly outputs: readonly Outputs[]
  /** Milliseconds of single runs, the copies in and out included; the first run of the file is not among them. */
  readonly runMs: readonly number[]
}

export interface MemoryResult {
  /** Bytes: peak resident size after load and runs, minus the same process before loading. */
  readonly peak: number
}

export interface RuntimeInfo {
  readonly name: string
  readonly version: string
  readonly providers: readonly string[]
  /** Measured: whether sums of u8 x s8 products come out exact. Without a dot-product instruction pairs saturate in 16 bits on x64. */
  readonly int8DotProduct: boolean
}

export interface RunControl {
  readonly signal?: AbortSignal
  /** Milliseconds without a run of the model coming to its end after which the program is given up and the process killed. */
  readonly timeout?: number
  readonly onProgress?: (done: number, of: number) => void
}

/** The runtime process as the engine sees it. A crash, a timeout or an exhausted memory becomes a `ProblemError`; the next call gets a fresh process. */
export interface Runtime {
  info(): Promise<RuntimeInfo>
  execute(request: ExecuteRequest, control?: RunControl): Promise<Outputs>
  /** Results by the calls' keys. */
  observe(request: ObserveRequest, control?: RunControl): Promise<Readonly<Record<string, unknown>>>
  /** Alone in a fresh process. */
  time(request: TimeRequest, control?: RunControl): Promise<TimeResult>
  profile(request: ProfileRequest, control?: RunControl): Promise<ProfileResult>
  /** Writes the graph that the runtime makes of a model at a level. */
  optimize(request: OptimizeRequest, control?: RunControl): Promise<void>
  /** Runs a `.tflite` file in Google's runtime. */
  lite(request: LiteRequest, control?: RunControl): Promise<LiteResult>
  /** Alone in a fresh process. */
  memory(session: SessionSpec, feeds: Feeds, control?: RunControl): Promise<MemoryResult>
  close(): Promise<void>
}

/** A process that a host made for us. Messages are structured-cloneable. */
export interface RuntimePort {
  /** Process id, when the host can tell. */
  readonly pid?: number
  post(message: unknown): void
  onMessage(listener: (message: unknown) => void): void
  /** `code` and `signal` as the operating system reports them; the tail of its error stream for the problem's details. */
  onExit(listener: (exit: { code: number | null; signal: string | null; stderr: string }) => void): void
  kill(): void
}

/** Hosts make processes; nothing else in core does. */
export type SpawnRuntime = () => Promise<RuntimePort>
