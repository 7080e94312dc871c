import { dirname } from 'node:path'
import type { Place, Problem } from '../api/problem.ts'
import { Model, type ModelHeader, type Opened } from '../ir/model.ts'
import type { Blob } from '../ir/tensor.ts'
import type { NodeId } from '../ir/value.ts'
import { allNodes } from '../ir/walk.ts'
import { decode } from './decode.ts'
import { confirmed, type ExternalFiles } from './external-data.ts'
import { fileBlob } from './file-blob.ts'
import { domainOf, Functions } from './functions.ts'
import { notOnnx } from './not-onnx.ts'
import { isKnownOperator } from './operators.ts'
import { newestIr, newestOpset, oldestIr, oldestOpset } from './opset.ts'
import { exportAgain, formatProblem, graphProblem, inFile, unsupportedProblem } from './problems.ts'
import { type Reading, readGraph } from './read-graph.ts'
import { type FunctionProto, type GraphProto, type Int, type ModelProto, modelSchema, type OpsetProto } from './schema.ts'
import { GraphScope } from './scope.ts'
import { metadataFrom } from './tensor-proto.ts'
import { WireError } from './wire.ts'

export interface OpenOptions {
  /** Paths of external data outside the model's folder that the user trusts; see the problem `external-path-outside`. */
  readonly allowExternal?: readonly string[]
  /** Told what is odd but no hindrance: a newer opset, an operator nobody knows. */
  readonly onWarning?: (problem: Problem) => void
}

/**
 * Opens an ONNX model from a file, or from a blob (which then can have no external data unless it has a path). Reads its structure, not its
 * weights: tensors are ranges of the file. Model-local functions are inlined and Constant nodes become initializers.
 *
 * The model is changeable; fork or freeze it before sharing. Throws a `ProblemError` that names the file and the node or tensor.
 */
export function openModel(source: string | Blob, options: OpenOptions = {}): Model {
  const blob = typeof source === 'string' ? fileBlob(source) : source
  const path = typeof source === 'string' ? source : blob.path
  try {
    return build(parse(blob), { blob, path: path ?? null, options })
  } catch (error) {
    throw inFile(error instanceof WireError ? notOnnx(blob, error, path) : error, path)
  }
}

function parse(blob: Blob): ModelProto {
  if (blob.size === 0) throw formatProblem('empty-file', 'The file is empty', {}, 'Copy or download it again.')
  const proto = decode(modelSchema, blob)
  if (proto.graph === undefined) throw notOnnx(blob, new WireError('it holds no graph', 0), blob.path)
  return proto
}

interface Origin {
  readonly blob: Blob
  readonly path: string | null
  readonly options: OpenOptions
}

function build(proto: ModelProto, { blob, path, options }: Origin): Model {
  const opsets = opsetsOf(proto.opset)
  const header = headerOf(proto)
  const warn = options.onWarning ?? (() => undefined)
  const note: Note = (code, what, mend, where = {}) =>
    warn({ kind: 'unsupported', code, what, mend, where: path === null ? where : { file: path, ...where } })
  checkVersions(header.irVersion, opsets, note)
  for (const definition of proto.functions) adoptOpsets(definition, opsets, note)
  const model = new Model(header, opsets)
  const files: ExternalFiles = {
    folder: path === null ? null : dirname(path),
    allowed: confirmed(options.allowExternal),
    blobs: new Map(),
  }
  const references = new Map<NodeId, string>()
  const reading: Reading = { model, files, references, functions: new Functions(proto.functions), nodes: 0, nodesDeep: 0 }
  const graph = proto.graph as GraphProto
  takeNames(model, graph)
  readGraph(reading, model.graph, graph, new GraphScope(model.graph, '', null))
  checkOperators(model, note)
  const { nodes, nodesDeep } = reading
  const external = [...new Map([...files.blobs.values()].map((file) => [file.path, file])).values()]
  const held = path === null ? external : [{ path: blob.path ?? path, size: blob.size }, ...external]
  const opened: Opened = {
    path: blob.path ?? path,
    files: held.map((file) => ({ path: file.path, bytes: file.size })),
    references,
    nodes,
    nodesDeep,
  }
  sources.set(opened, blob)
  return model.markOpened(opened)
}

const sources = new WeakMap<Opened, Blob>()

/** The bytes that a model was opened from; reading them fails when the file was changed since. */
export const sourceOf = (opened: Opened): Blob | undefined => sources.get(opened)

function headerOf(proto: ModelProto): ModelHeader {
  return {
    irVersion: Number(proto.irVersion ?? 0),
    producerName: proto.producerName ?? '',
    producerVersion: proto.producerVersion ?? '',
    modelDomain: proto.domain ?? '',
    modelVersion: Number(proto.modelVersion ?? 0),
    doc: proto.doc ?? '',
    metadata: metadataFrom(proto.metadata),
    ...(proto.unknown === undefined ? {} : { unknown: proto.unknown }),
  }
}

function opsetsOf(imports: readonly OpsetProto[]): Map<string, number> {
  const opsets = new Map<string, number>()
  for (const { domain, version } of imports) opsets.set(domainOf(domain), versionOf(version))
  if (opsets.size === 0) throw graphProblem('no-opset', 'The model does not say which operator set it uses', {}, exportAgain)
  return opsets
}

const versionOf = (version: Int | undefined): number => Number(version ?? 0)

/** A function's body joins the model, and with it what the function imports. */
function adoptOpsets({ name = '', opset }: FunctionProto, opsets: Map<string, number>, note: Note): void {
  for (const { domain, version } of opset) {
    const own = opsets.get(domainOf(domain))
    if (own === undefined) opsets.set(domainOf(domain), versionOf(version))
    else if (own !== versionOf(version)) {
      const what = `The function '${name}' is written for version ${versionOf(version)} of the domain '${domainOf(domain) || 'ai.onnx'}', the model for ${own}`
      note('function-opset', what, 'Its body is taken as if it were written for the model; compare its results.')
    }
  }
}

type Note = (code: string, what: string, mend: string, where?: Place) => void

/** Imports the domains that nodes use and the file forgets, as the runtime does, and tells of operators that nobody knows. */
function checkOperators(model: Model, note: Note): void {
  const unknown = new Set<string>()
  for (const { domain, opType, id, name } of allNodes(model.graph)) {
    const where = { node: referenceOf(id, name) }
    if (!model.opsets.has(domain)) importDomain(model, domain, { note, where, opType })
    const operator = `${domain}::${opType}`
    if (unknown.has(operator) || isKnownOperator(domain, opType, model.opsets.get(domain) ?? 0)) continue
    unknown.add(operator)
    const what = `The operator ${opType}${domain === '' ? '' : ` of domain '${domain}'`} is not known`
    note('unknown-operator', what, 'It is kept as it is; running it needs a runtime that has it.', where)
  }
}

function importDomain(
  model: Model,
  domain: string,
  { note, where, opType }: { note: Note; where: { node: string }; opType: string },
): void {
  if (domain === '') {
    const what = `Node '${where.node}' (${opType}) is of the standard operator set, which the model does not import`
    throw graphProblem('no-opset', what, where, exportAgain)
  }
  model.opsets.set(domain, 1)
  const what = `The model uses the domain '${domain}' (${opType}) without saying which version of it`
  note('missing-opset', what, 'Version 1 is taken, as the runtime does.', where)
}

const referenceOf = (id: NodeId, name: string): string => (name === '' ? `#${id}` : name)

function checkVersions(ir: number, opsets: ReadonlyMap<string, number>, note: Note): void {
  if (ir < oldestIr) {
    const what = `The file has IR version ${ir}; Lathe reads ${oldestIr} and later`
    throw unsupportedProblem('old-ir', what, {}, 'Convert it with a newer version of onnx, or export it again.')
  }
  const opset = opsets.get('') ?? newestOpset
  if (ir > newestIr)
    note(
      'newer-ir',
      `The file has IR version ${ir}; Lathe knows up to ${newestIr}`,
      'What is newer is kept as it is; update Lathe to see it.',
    )
  if (opset > newestOpset)
    note('newer-opset', `The model uses opset ${opset}; Lathe knows up to ${newestOpset}`, 'Update Lathe if an operator is not understood.')
  if (opset < oldestOpset)
    note(
      'old-opset',
      `The model uses opset ${opset}; the runtime supports ${oldestOpset} and later`,
      'Export it with a newer opset if it fails to run.',
    )
}

/** Notes every name of the file first, so that no fresh name meets one that is read later. */
function takeNames(model: Model, graph: GraphProto): void {
  for (const { name = '' } of graph.input) model.takeName(name)
  for (const { name = '' } of graph.initializer) model.takeName(name)
  for (const { values } of graph.sparseInitializer) model.takeName(values?.name ?? '')
  for (const node of graph.node) {
    for (const name of node.output) model.takeName(name)
    for (const { g, graphs } of node.attribute) for (const inner of g === undefined ? graphs : [g, ...graphs]) takeNames(model, inner)
  }
}
