import { forkGraph } from './fork.ts'
import { Graph } from './graph.ts'
import { Lineage } from './lineage.ts'
import type { NodeId, ValueId } from './value.ts'

/** Facts of the file that ride along unchanged. */
export interface ModelHeader {
  readonly irVersion: number
  readonly producerName: string
  readonly producerVersion: string
  readonly modelDomain: string
  readonly modelVersion: number
  readonly doc: string
  readonly metadata: ReadonlyMap<string, string>
  /** Encoded top-level fields that this version has no form for (training information, newer fields), and the model-local functions as they were. */
  readonly unknown?: Uint8Array
}

const emptyHeader: ModelHeader = {
  irVersion: 10,
  producerName: 'lathe',
  producerVersion: '',
  modelDomain: '',
  modelVersion: 0,
  doc: '',
  metadata: new Map(),
}

/** What is known of the file that a model was opened from; the same for all its versions. */
export interface Opened {
  /** Resolved path of the .onnx file; `null` for a model from memory. */
  readonly path: string | null
  /** Files that hold its bytes: the .onnx file, then external data. */
  readonly files: readonly { readonly path: string; readonly bytes: number }[]
  /** Node references as others spell them (name, or `#<position>`), by node id. */
  readonly references: ReadonlyMap<NodeId, string>
  /** Nodes of the main graph in the file, Constant nodes left out, calls of model-local functions as one. */
  readonly nodes: number
  /** The same with those of subgraphs and of the bodies of called functions. */
  readonly nodesDeep: number
}

/** A version of a model: mutable inside a pass, frozen between stages. Weights are shared between versions. */
export class Model {
  header: ModelHeader
  /** Operator-set versions by domain; `''` is the standard domain. */
  readonly opsets: Map<string, number>
  readonly graph: Graph
  readonly lineage: Lineage
  #opened: Opened | null = null
  #asOpened: { readonly header: ModelHeader; readonly opsets: string } | null = null
  readonly #names = new Set<string>()
  readonly #bases = new Map<string, number>()
  #next = 0
  #fresh = false
  #frozen = false

  constructor(header: Partial<ModelHeader> = {}, opsets: ReadonlyMap<string, number> = new Map([['', 21]]), lineage = new Lineage()) {
    this.header = { ...emptyHeader, ...header }
    this.opsets = new Map(opsets)
    this.lineage = lineage
    this.graph = new Graph(this)
  }

  get frozen(): boolean {
    return this.#frozen
  }

  /** The version of the standard operator set; 0 when the model imports none. */
  get opset(): number {
    return this.opsets.get('') ?? 0
  }

  /** Ends the opening of a file: ids given so far are those of the opened model, and what happens from here on is lineage. */
  markOpened(opened: Opened | null = null): this {
    this.#fresh = true
    this.#opened = opened
    this.#asOpened = { header: this.header, opsets: JSON.stringify([...this.opsets]) }
    this.lineage.recording = true
    return this
  }

  /** The file that this version stems from; `null` for a model made in memory. */
  get opened(): Opened | null {
    return this.#opened
  }

  /** Whether nothing was changed since the model was opened: it may be exported by copying its file. */
  get untouched(): boolean {
    const before = this.#asOpened
    return before !== null && before.header === this.header && before.opsets === JSON.stringify([...this.opsets])
  }

  /** Noted by every change of a graph. */
  touch(): void {
    if (this.lineage.recording) this.#asOpened = null
  }

  freeze(): this {
    this.#frozen = true
    return this
  }

  /** A changeable copy, O(nodes), sharing all tensors. Ids, origins and lineage go on from this version. */
  fork(): Model {
    const copy = new Model(this.header, this.opsets, this.lineage.copy())
    copy.header = this.header
    copy.lineage.recording = false
    forkGraph(this.graph, copy.graph)
    for (const name of this.#names) copy.#names.add(name)
    copy.#next = this.#next
    copy.#fresh = this.#fresh
    copy.#opened = this.#opened
    copy.#asOpened = this.#asOpened
    copy.lineage.recording = this.lineage.recording
    return copy
  }

  freshId(): NodeId {
    this.#next += 1
    return `+${this.#next}`
  }

  /** Where the counter of fresh ids stands; a version read back from the store goes on from there. */
  get nextId(): number {
    return this.#next
  }

  set nextId(next: number) {
    this.#next = Math.max(this.#next, next)
  }

  /** The id for a value that is being made: its path and name while a file is opened, a fresh one later. */
  valueId(graph: Graph, name: string): ValueId {
    return this.#fresh ? this.freshId() : `${graph.path}${name}`
  }

  takeName(name: string): void {
    this.#names.add(name)
  }

  /** A name that no value of any graph of the model has or had. */
  freshName(hint: string): string {
    if (!this.#names.has(hint) && hint !== '') {
      this.#names.add(hint)
      return hint
    }
    let count = this.#bases.get(hint) ?? 0
    let name = ''
    do {
      count += 1
      name = `${hint}_${count}`
    } while (this.#names.has(name))
    this.#bases.set(hint, count)
    this.#names.add(name)
    return name
  }
}
