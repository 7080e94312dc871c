import type { NodeId, ValueId, ValueMap } from './value.ts'

/** What a rule did to nodes: `removed` are gone, `added` stand in their place. */
export interface Change {
  /** The rule or pass that did it. */
  readonly rule: string
  readonly removed: readonly NodeId[]
  readonly added: readonly NodeId[]
  /** Why, in a sentence. */
  readonly reason: string
}

/** `by` carries what `old` carried, under `map`. Both ids stay valid across versions, so records of several stages compose. */
export interface Correspondence {
  readonly old: ValueId
  readonly by: ValueId
  readonly map: ValueMap
  readonly rule: string
}

/** All that happened to a model since it was opened; forks continue their own copy. */
export class Lineage {
  readonly changes: Change[] = []
  readonly values: Correspondence[] = []
  /** Off while a file is opened or a version copied: those are no changes. */
  recording = false
  #rule = ''
  #reason = ''
  #removed: NodeId[] = []
  #added: NodeId[] = []

  /** The rule whose work is being recorded; `''` outside of one. */
  get rule(): string {
    return this.#rule
  }

  /** Records everything that `work` does to graphs of this model as one change by `rule`. Nested calls belong to the outer rule. */
  during<T>(rule: string, reason: string, work: () => T): T {
    if (this.#rule !== '') return work()
    this.#rule = rule
    this.#reason = reason
    try {
      return work()
    } finally {
      this.#close()
    }
  }

  noteAdded(id: NodeId): void {
    if (!this.recording) return
    this.#added.push(id)
    if (this.#rule === '') this.#close()
  }

  noteRemoved(id: NodeId): void {
    if (!this.recording) return
    this.#removed.push(id)
    if (this.#rule === '') this.#close()
  }

  noteReplaced(old: ValueId, by: ValueId, map: ValueMap): void {
    if (this.recording) this.values.push({ old, by, map, rule: this.#rule })
  }

  copy(): Lineage {
    const copy = new Lineage()
    for (const change of this.changes) copy.changes.push(change)
    for (const value of this.values) copy.values.push(value)
    copy.recording = this.recording
    return copy
  }

  #close(): void {
    if (this.#removed.length + this.#added.length > 0) {
      this.changes.push({ rule: this.#rule, reason: this.#reason, removed: this.#removed, added: this.#added })
    }
    this.#rule = ''
    this.#reason = ''
    this.#removed = []
    this.#added = []
  }
}
