import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { env, InferenceSession, listSupportedBackends, Tensor } from 'onnxruntime-node'
import type { DType } from '../ir/dtype.ts'
import { inputProblem, notATensor, runtimeFailure, unsupportedType } from './failure.ts'
import type { Feeds, Outputs, SessionSpec } from './session.ts'
import { elementsOf, passesBinding, tensorDataOf } from './tensors.ts'
import { contentsOf, lengthField } from './wire.ts'

/** An input or output of a loaded model; `dtype` is null when it is no tensor. Unknown sizes are symbols. */
export interface Border {
  readonly name: string
  readonly dtype: DType | null
  readonly dims: readonly (number | string)[]
}

/** Feeds in the runtime's own form, made once for many runs. */
export type Prepared = Readonly<Record<string, Tensor>>

/** A model that the runtime has loaded. Runs block the thread. */
export interface Session {
  readonly spec: SessionSpec
  readonly inputs: readonly Border[]
  readonly outputs: readonly Border[]
  prepare(feeds: Feeds): Prepared
  /** @param wanted names of outputs; all that the binding can hand over when empty (no sequences, maps or 4-bit tensors) */
  run(feeds: Prepared, wanted: readonly string[]): Promise<Outputs>
  /** Runs without looking at what comes out. */
  runOnly(feeds: Prepared): Promise<void>
  /** Ends the profile that `profileFilePrefix` began and writes its file. */
  endProfiling(): void
  release(): Promise<void>
}

/** Options that only single programs need. */
export type SessionExtras = Pick<InferenceSession.SessionOptions, 'enableProfiling' | 'profileFilePrefix' | 'optimizedModelFilePath'>

/**
 * Loads a model.
 * @param model instead of the file of the spec: an encoded model
 * @throws ProblemError with the node that the runtime names
 */
export async function openSession(spec: SessionSpec, extras: SessionExtras = {}, model?: Uint8Array): Promise<Session> {
  try {
    const source = model ?? ((spec.expose?.length ?? 0) > 0 ? await withOutputs(spec.model, spec.expose ?? []) : spec.model)
    const options = { ...optionsOf(spec, typeof source !== 'string'), ...extras }
    const loaded =
      typeof source === 'string' ? await InferenceSession.create(source, options) : await InferenceSession.create(source, options)
    return sessionOf(spec, loaded)
  } catch (thrown) {
    throw runtimeFailure(thrown, { step: 'load', file: spec.model })
  }
}

/**
 * The file with more graph outputs: a second, partial ModelProto after the first merges into it. Read once, into memory that has room for
 * the addition: a model in one file can be large.
 */
async function withOutputs(path: string, names: readonly string[]): Promise<Uint8Array> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const whole = new Uint8Array(size + partWith(names).length)
    for (let done = 0; done < size; ) {
      const { bytesRead } = await file.read(whole, done, Math.min(size - done, 2 ** 30), done)
      if (bytesRead === 0) break
      done += bytesRead
    }
    const missing = new Set(names)
    const model = whole.subarray(0, size)
    for (const graph of contentsOf(model, 7)) for (const output of contentsOf(graph, 12)) missing.delete(nameOf(output))
    const part = partWith([...missing])
    whole.set(part, size)
    return whole.subarray(0, size + part.length)
  } finally {
    await file.close()
  }
}

/** A ModelProto of nothing but graph outputs. */
const partWith = (names: readonly string[]): Uint8Array => lengthField(7, ...names.map((name) => lengthField(12, lengthField(1, name))))

const nameOf = (valueInfo: Uint8Array): string => Buffer.from(contentsOf(valueInfo, 1)[0] ?? []).toString('utf8')

function optionsOf(spec: SessionSpec, fromMemory: boolean): InferenceSession.SessionOptions {
  const folder = fromMemory ? { 'session.model_external_initializers_file_folder_path': dirname(spec.model) } : {}
  return {
    executionProviders: [spec.provider],
    intraOpNumThreads: spec.threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: spec.level,
    // Warnings tell of harmless things (unused initializers); errors are thrown as well.
    logSeverityLevel: 3,
    extra: { ...folder, ...spec.config },
  }
}

function sessionOf(spec: SessionSpec, loaded: InferenceSession): Session {
  const inputs = loaded.inputMetadata.map(borderOf)
  const outputs = loaded.outputMetadata.map(borderOf)
  const attempt = { step: 'run', file: spec.model } as const
  const readable = outputs.filter(isReadable).map(({ name }) => name)
  const [unreadable] = outputs
  const requireReadable = () => {
    if (readable.length === 0 && unreadable !== undefined) throw unsupportedType(typeText(unreadable), unreadable.name, spec.model)
  }
  return {
    spec,
    inputs,
    outputs,
    prepare: (feeds) => prepare(spec, inputs, feeds),
    async run(feeds, wanted) {
      for (const name of wanted) requireOutput(spec, outputs, name)
      requireReadable()
      try {
        const results = await loaded.run(feeds, wanted.length > 0 ? wanted : readable)
        return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, outputOf(spec, name, tensor)]))
      } catch (thrown) {
        throw runtimeFailure(thrown, attempt)
      }
    },
    async runOnly(feeds) {
      requireReadable()
      try {
        await loaded.run(feeds, readable)
      } catch (thrown) {
        throw runtimeFailure(thrown, attempt)
      }
    },
    endProfiling: () => loaded.endProfiling(),
    release: () => loaded.release(),
  }
}

const borderOf = (metadata: InferenceSession.ValueMetadata): Border =>
  metadata.isTensor
    ? { name: metadata.name, dtype: metadata.type as DType, dims: metadata.shape }
    : { name: metadata.name, dtype: null, dims: [] }

const isReadable = ({ dtype }: Border): boolean => dtype !== null && passesBinding(dtype)

const typeText = ({ dtype }: Border): string => dtype ?? notATensor

/** Feeds that the model has no input for are left out: passes fold away inputs. */
function prepare(spec: SessionSpec, inputs: readonly Border[], feeds: Feeds): Prepared {
  const prepared: Record<string, Tensor> = {}
  for (const { name, dtype } of inputs) {
    const feed = feeds[name]
    if (feed === undefined) {
      throw inputProblem({
        code: 'missing-input',
        what: `The model's input '${name}' was given no data`,
        where: { file: spec.model, tensor: name },
        mend: `Give it a tensor${dtype === null ? '' : ` of ${dtype}`}; there are ${Object.keys(feeds).join(', ') || 'none'}.`,
      })
    }
    prepared[name] = tensorOf(name, feed)
  }
  return prepared
}

function tensorOf(name: string, feed: Feeds[string]): Tensor {
  const elements = elementsOf(name, feed)
  const tensor = new Tensor(feed.dtype as Tensor.Type, elements as Tensor.DataTypeMap[Tensor.Type], feed.dims)
  // From Node 24 on the package turns half-precision bits into a Float16Array, which its own binding cannot read.
  if (feed.dtype === 'float16') Object.assign(tensor, { cpuData: elements })
  return tensor
}

function outputOf(spec: SessionSpec, name: string, tensor: InferenceSession.OnnxValueMapType[string]): Outputs[string] {
  if (!(tensor instanceof Tensor) || tensor.type === 'int4' || tensor.type === 'uint4')
    throw unsupportedType(tensor instanceof Tensor ? tensor.type : notATensor, name, spec.model)
  return tensorDataOf(tensor.type, tensor.dims, tensor.data)
}

function requireOutput(spec: SessionSpec, outputs: readonly Border[], name: string): void {
  const found = outputs.find((output) => output.name === name)
  if (found !== undefined && !isReadable(found)) throw unsupportedType(typeText(found), name, spec.model)
  if (found !== undefined) return
  throw inputProblem({
    code: 'unknown-output',
    what: `The model gives out no '${name}'`,
    where: { file: spec.model, tensor: name },
    mend: `Ask for one of ${outputs.map((output) => output.name).join(', ')}, or expose it.`,
  })
}

export const runtimeVersion: string = env.versions.node ?? env.versions.common

/** Providers whose libraries are in the package; others need files that are not. */
export const bundledProviders = (): readonly string[] =>
  listSupportedBackends()
    .filter(({ bundled }) => bundled)
    .map(({ name }) => name)
