import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import type { Stage } from '../api/pipeline.ts'
import { ProblemError } from '../api/problem.ts'
import type { StageReport, Verification } from '../api/report.ts'
import type { Samples } from '../data/samples.ts'
import type { Model } from '../ir/model.ts'
import { countNodes } from '../ir/reference.ts'
import type { Blob, BlobId } from '../ir/tensor.ts'
import { type Fault, verifyModel } from '../ir/verify.ts'
import { allValues } from '../ir/walk.ts'
import { encodeModel } from '../onnx/write-graph.ts'
import type { IoMap, Pass, PassResult } from '../pass.ts'
import { keepPlaces, placesVersion } from '../structure/keep-places.ts'
import { type Borders, composed } from './borders.ts'
import { passContext } from './context.ts'
import type { Place } from './place.ts'
import { settle } from './settle.ts'
import { blobsOf, restore, type Snapshot, snapshotOf } from './snapshot.ts'
import { checkVersion, verifyNumbers } from './verify-numbers.ts'

/** A model between two stages, frozen. */
export interface Version {
  readonly model: Model
  readonly borders: Borders
  /** Names everything that this version depends on. */
  readonly key: string
}

export interface StageInput {
  readonly place: Place
  readonly source: Model
  readonly parent: Version
  readonly stage: Stage
  readonly signal: AbortSignal
  readonly progress: (step: string, done: number, of: number) => void
}

export interface StageOutcome {
  readonly version: Version
  readonly report: StageReport
}

/** What the store keeps of a stage. */
interface Remembered {
  /** `null`: the version before it goes on (nothing to do, or rejected). */
  readonly snapshot: Snapshot | null
  readonly io: { readonly inputs: Entries; readonly outputs: Entries }
  readonly report: Omit<StageReport, 'id' | 'cached'>
}

type Entries = readonly (readonly [string, NonNullable<ReturnType<IoMap['inputs']['get']>>])[]

/**
 * Runs one stage on the version before it, or takes up what the store remembers of exactly this.
 * A pass that leaves a broken graph, or moves numbers further than it promised, is rejected: the version before it goes on.
 */
export async function runStage(input: StageInput): Promise<StageOutcome> {
  const { place, parent, stage, source } = input
  const pass = passOf(input)
  const key = stageKey(input, pass)
  let made: Model | null = null
  const work = async (): Promise<Remembered> => {
    const done = await perform(input, pass, key)
    made = done.model
    return done.remembered
  }
  const { value, cached } = place.cache
    ? await place.store.memo<Remembered>({ kind: 'stage', key }, work, { valid: (known) => allThere(known, input) })
    : { value: await work(), cached: false }
  const model =
    value.snapshot === null ? parent.model : (made ?? restore(value.snapshot, source, await blobsFor(value.snapshot, input)).freeze())
  const io: IoMap = { inputs: new Map(value.io.inputs), outputs: new Map(value.io.outputs) }
  return {
    version: { model, borders: value.snapshot === null ? parent.borders : composed(parent.borders, io), key: hashOf(key) },
    report: { id: stage.id, cached, ...value.report },
  }
}

function passOf({ place, stage }: StageInput): Pass {
  const pass = place.passes.find(({ id }) => id === stage.pass)
  if (pass === undefined) throw new Error(`pass '${stage.pass}' passed the plan and is not in the catalogue`)
  return pass
}

/** Everything that a stage's result depends on. What runs may run in the runtime, so runtime, processor and data belong to it. */
function stageKey({ place, parent, stage }: StageInput, pass: Pass): Readonly<Record<string, unknown>> {
  const { machine, data } = place
  return {
    input: parent.key,
    pass: pass.id,
    version: pass.version,
    options: stage.options,
    target: place.target,
    verified: place.verify,
    provider: place.provider,
    runtime: machine.runtime.version,
    features: machine.features,
    data:
      data === null
        ? null
        : [data.calibration?.table.id ?? null, data.selection?.table.id ?? null, data.evaluation?.table.id ?? null, data.metric],
    // What passes judge by the metric changes with the labels of the same samples.
    labels: [labelsId(data?.selection), labelsId(data?.evaluation)],
    check: checkVersion,
    places: placesVersion,
    seed: place.seed,
  }
}

/** The hash of the labels, as which their column lies in the store. */
const labelsId = (samples: Samples | null | undefined): string | null => (samples?.labelColumn ? basename(samples.labelColumn.file) : null)

/** What a pass observes of its input depends on these; options that matter besides are for the pass to name, so that others may change. */
function observedScope({ pass: _pass, version: _version, options: _options, ...rest }: Readonly<Record<string, unknown>>) {
  return rest
}

export function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex')
}

interface Performed {
  readonly model: Model | null
  readonly remembered: Remembered
}

async function perform(input: StageInput, pass: Pass, key: Readonly<Record<string, unknown>>): Promise<Performed> {
  const { place, parent, stage, signal, progress } = input
  const before = parent.model
  const started = performance.now()
  const context = passContext({
    place,
    borders: parent.borders,
    scope: observedScope(key),
    signal,
    progress: (done, of) => progress('pass', done, of),
  })
  const pointless = pass.pointless?.(before, stage.options) ?? null
  const fork = before.fork()
  const result: PassResult =
    pointless === null
      ? await pass.run(fork, stage.options, context)
      : { changed: false, parts: [fork], io: { inputs: new Map(), outputs: new Map() }, notes: [`Nothing to do: ${pointless}.`] }
  signal.throwIfAborted()
  const after = onlyPart(result, stage)
  const ms = performance.now() - started
  const { notes = [], sensitivity } = result
  const report = { pass: pass.id, ms, notes: [...notes], ...(sensitivity === undefined ? {} : { sensitivity }) }
  if (!result.changed) return { model: null, remembered: unchanged(before, report, { ...skipped(pass), reason: 'nothing changed' }) }
  keepPlaces(after, input.source)
  const broken = verifyModel(after)[0]
  if (broken !== undefined) return { model: null, remembered: unchanged(before, report, brokenGraph(pass, broken)) }
  if (place.cache) await settle(after, place.store)
  after.freeze()
  const borders = composed(parent.borders, result.io)
  progress('check', 0, 0)
  const verification = place.verify
    ? await verifyNumbers({
        place,
        reference: parent,
        candidate: { model: after, borders },
        fidelity: pass.fidelity,
        signal,
      })
    : { ...skipped(pass), reason: 'not asked for' }
  if (verification.verdict === 'rejected') return { model: null, remembered: unchanged(before, report, verification) }
  return {
    model: after,
    remembered: {
      snapshot: snapshotOf(after, openedNames(input.source)),
      io: { inputs: [...result.io.inputs], outputs: [...result.io.outputs] },
      report: { ...report, changed: true, ...counts(before, after), changes: changesBetween(before, after), verification },
    },
  }
}

function onlyPart({ parts }: PassResult, { id }: Stage): Model {
  const [part, ...more] = parts
  if (part !== undefined && more.length === 0) return part
  throw new ProblemError({
    kind: 'unsupported',
    code: 'several-parts',
    what: `The pass gave back ${parts.length} models where one was expected`,
    where: { stage: id },
    mend: 'Remove the stage.',
  })
}

const skipped = ({ fidelity }: Pass): Verification => ({ verdict: 'skipped', fidelity, maxAbs: null, cosine: null, samples: 0 })

function brokenGraph(pass: Pass, { what, where }: Fault): Verification {
  return {
    ...skipped(pass),
    verdict: 'rejected',
    reason: `the pass left a broken graph: ${what}`,
    ...(where.tensor === undefined ? {} : { firstDiverging: where.tensor }),
  }
}

function unchanged(
  model: Model,
  report: Pick<StageReport, 'pass' | 'ms' | 'notes' | 'sensitivity'>,
  verification: Verification,
): Remembered {
  return {
    snapshot: null,
    io: { inputs: [], outputs: [] },
    report: { ...report, changed: false, ...counts(model, model), changes: [], verification },
  }
}

function counts(before: Model, after: Model): Pick<StageReport, 'nodes' | 'bytes'> {
  const bytes = bytesOf(before)
  return {
    nodes: { before: countNodes(before).nodes, after: countNodes(after).nodes },
    bytes: { before: bytes, after: before === after ? bytes : bytesOf(after) },
  }
}

const sizes = new WeakMap<Model, number>()

/** Bytes of a frozen version written as one file. */
export function bytesOf(model: Model): number {
  const known = sizes.get(model) ?? encodeModel(model, () => null).length
  sizes.set(model, known)
  return known
}

/** How often each rule did something, most frequent first. */
function changesBetween(before: Model, after: Model): StageReport['changes'] {
  const count = new Map<string, number>()
  for (const { rule } of after.lineage.changes.slice(before.lineage.changes.length)) {
    if (rule !== '') count.set(rule, (count.get(rule) ?? 0) + 1)
  }
  return [...count].map(([rule, times]) => ({ rule, count: times })).sort((a, b) => b.count - a.count)
}

/**
 * Blobs of the opened files and of the store. A snapshot names opened files by their place, not by their path: the same content is found again
 * under another name.
 */
async function blobsFor(snapshot: Snapshot, { source, place }: StageInput): Promise<Map<BlobId, Blob>> {
  const files = openedBlobs(source)
  const found = new Map<BlobId, Blob>()
  for (const id of blobsOf(snapshot)) {
    const blob = id.startsWith('sha256:') ? await place.store.blob(id) : (files.get(id) ?? null)
    if (blob !== null) found.set(id, blob)
  }
  return found
}

/** The files of the opened model by their place in the list of its files. */
function openedBlobs(source: Model): Map<BlobId, Blob> {
  const names = openedNames(source)
  const found = new Map<BlobId, Blob>()
  for (const { initializer } of allValues(source.graph)) {
    const name = initializer === null ? undefined : names.get(initializer.blob.id)
    if (name !== undefined) found.set(name, initializer!.blob)
  }
  return found
}

function openedNames({ opened }: Model): Map<BlobId, BlobId> {
  return new Map(opened?.files.map(({ path }, at) => [`file:${path}`, `opened:${at}`]))
}

async function allThere({ snapshot }: Remembered, input: StageInput): Promise<boolean> {
  if (snapshot === null) return true
  const found = await blobsFor(snapshot, input)
  return [...blobsOf(snapshot)].every((id) => found.has(id))
}
