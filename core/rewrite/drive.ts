import type { Model } from '../ir/model.ts'
import { identityMap, type Node, type NodeId, type Value, type ValueMap } from '../ir/value.ts'
import { graphsOf } from '../ir/walk.ts'
import { Draft } from './draft.ts'
import { type Found, type Miss, matchAt } from './match.ts'
import { qualified, rootTypes } from './pattern.ts'
import { isSweep, Rejection, type Rewritten, type Rule, type Step } from './rule.ts'

export interface DriveOptions {
  /** Gives the outputs of a new node their types. */
  readonly infer?: (node: Node) => void
  /** Called between rewrites; throws to stop (cancellation). */
  readonly tick?: () => void
}

/** One place that a rule rewrote. */
export interface Instance {
  readonly rule: string
  /** Nodes of the opened model that the rewritten place stems from. */
  readonly nodes: readonly NodeId[]
}

export interface Driven {
  readonly changed: boolean
  /** Rewrites by rule, in the order of their first one. */
  readonly counts: ReadonlyMap<string, number>
  readonly instances: readonly Instance[]
}

/**
 * Applies rules and sweeps until none of them finds anything more, in all graphs of a model. Rules come first, at each node in the order of
 * the list; then sweeps; then rules again. Throws when the number of rewrites passes 20 a node: rules that undo each other are a bug.
 */
export function drive(model: Model, steps: readonly Step[], options: DriveOptions = {}): Driven {
  return new Driver(model, steps, options).run()
}

/** Rules by the operator types at which they can begin. */
export class RuleIndex {
  readonly #rules: readonly { rule: Rule; types: readonly string[] | null }[]
  readonly #byType = new Map<string, readonly Rule[]>()

  constructor(steps: readonly Step[]) {
    this.#rules = steps.filter((step): step is Rule => !isSweep(step)).map((rule) => ({ rule, types: rootTypes(rule.pattern) }))
  }

  at(node: Node): readonly Rule[] {
    const type = qualified(node)
    let rules = this.#byType.get(type)
    if (rules === undefined) {
      rules = this.#rules.filter(({ types }) => types === null || types.includes(type)).map(({ rule }) => rule)
      this.#byType.set(type, rules)
    }
    return rules
  }
}

class Driver {
  readonly #model: Model
  readonly #steps: readonly Step[]
  readonly #options: DriveOptions
  readonly #index: RuleIndex
  readonly #counts = new Map<string, number>()
  readonly #instances: Instance[] = []
  readonly #queue = new Set<Node>()
  readonly #names = new Set<string>()
  readonly #limit: number
  #rewrites = 0

  constructor(model: Model, steps: readonly Step[], options: DriveOptions) {
    this.#model = model
    this.#steps = steps
    this.#options = options
    this.#index = new RuleIndex(steps)
    let nodes = 0
    for (const graph of graphsOf(model.graph)) {
      nodes += graph.nodeCount
      for (const node of graph.nodes) this.#names.add(node.name)
    }
    this.#limit = 20 * nodes + 100
  }

  run(): Driven {
    let again = true
    while (again) {
      const before = this.#rewrites
      this.#rules()
      for (const step of this.#steps) {
        if (!isSweep(step)) continue
        const count = this.#model.lineage.during(step.id, step.summary, () => step.sweep(this.#model))
        if (count > 0) this.#count(step.id, count)
      }
      again = this.#rewrites > before
    }
    return { changed: this.#rewrites > 0, counts: this.#counts, instances: this.#instances }
  }

  /** Rounds over all nodes until one finds nothing; inside a round, what a rewrite touched is looked at again at once. */
  #rules(): void {
    let before = -1
    while (this.#rewrites !== before) {
      before = this.#rewrites
      for (const graph of graphsOf(this.#model.graph)) for (const node of graph.nodes) this.#queue.add(node)
      for (const node of this.#queue) {
        this.#queue.delete(node)
        if (node.graph.has(node)) this.#visit(node)
      }
    }
  }

  #visit(node: Node): void {
    for (const rule of this.#index.at(node)) {
      if (!this.#attempt(rule, node)) continue
      this.#options.tick?.()
      return
    }
  }

  #attempt(rule: Rule, node: Node): boolean {
    return matchAt(rule.pattern, node, (found) => {
      const applied = applyRule(rule, found, { infer: this.#options.infer, names: this.#names })
      if (!(applied instanceof Rejection)) this.#note(rule, applied)
      return !(applied instanceof Rejection)
    })
  }

  #note(rule: Rule, applied: Applied): void {
    this.#count(rule.id, 1)
    this.#instances.push({ rule: rule.id, nodes: applied.origins })
    for (const node of applied.touched) if (node.graph.has(node)) this.#queue.add(node)
  }

  #count(id: string, count: number): void {
    this.#rewrites += count
    this.#counts.set(id, (this.#counts.get(id) ?? 0) + count)
    if (this.#rewrites <= this.#limit) return
    const [worst] = [...this.#counts].sort((a, b) => b[1] - a[1])
    throw new Error(`rewriting did not come to an end after ${this.#rewrites} rewrites; '${worst?.[0]}' made ${worst?.[1]} of them`)
  }
}

interface Applied {
  readonly origins: readonly NodeId[]
  /** Nodes whose surroundings changed. */
  readonly touched: readonly Node[]
}

/** Whether a rule would rewrite this match, undone at once; for explanations. */
export function tryRule(rule: Rule, found: Found): Miss | null {
  const { lineage } = found.root.graph.model
  const recording = lineage.recording
  lineage.recording = false
  const draft = new Draft(found.root)
  const result = rule.rewrite(found.captures, draft)
  draft.undo()
  lineage.recording = recording
  return result instanceof Rejection ? { matched: found.nodes, leaves: 0, reason: result.sentence, at: result.at, whole: true } : null
}

interface Surroundings {
  readonly infer: DriveOptions['infer']
  /** Names of all nodes of the model: runtimes want them to be unique. */
  readonly names: Set<string>
}

function applyRule(rule: Rule, found: Found, around: Surroundings): Applied | Rejection {
  const { model } = found.root.graph
  const { lineage } = model
  const recording = lineage.recording
  const draft = new Draft(found.root)
  lineage.recording = false
  let result: Rewritten
  try {
    result = rule.rewrite(found.captures, draft)
    if (result instanceof Rejection) draft.undo()
  } finally {
    lineage.recording = recording
  }
  if (result instanceof Rejection) return result
  for (const node of draft.nodes) {
    if (node.domain !== '' && !model.opsets.has(node.domain)) model.opsets.set(node.domain, 1)
    around.infer?.(node)
  }
  const replaced = replacementsOf(result, found.root)
  return lineage.during(rule.id, rule.summary, () => commit(found, draft, { replaced, names: around.names }))
}

/** One value that a rewrite replaces, and what stands for it. */
export interface Pair {
  readonly old: Value
  readonly by: Value
  readonly map: ValueMap
}

/** What a rewrite that matched at `root` replaces. */
export function replacementsOf(result: Exclude<Rewritten, Rejection>, root: Node): Pair[] {
  if ('replace' in result) return result.replace.map(({ old, by, map }) => ({ old, by, map: map ?? identityMap }))
  const list = Array.isArray(result) ? result : [result]
  return list.flatMap((replacement, index) => {
    const old = root.outputs[index]
    if (replacement === null || old === undefined) return []
    return [{ old, by: 'by' in replacement ? replacement.by : replacement, map: 'map' in replacement ? replacement.map : identityMap }]
  })
}

function commit(found: Found, draft: Draft, { replaced, names: nodeNames }: { replaced: readonly Pair[]; names: Set<string> }): Applied {
  const { graph } = draft
  const touched = new Set<Node>(draft.nodes)
  for (const node of draft.nodes) graph.model.lineage.noteAdded(node.id)
  const names = replaced.map(({ old }) => (old.isOutput ? null : old.name))
  for (const { old, by, map } of replaced) {
    for (const use of old.uses) touched.add(use.node)
    graph.replaceUses(old, by, map)
  }
  const removed = removeDead([...found.nodes, ...replaced.flatMap(({ old }) => old.producer ?? []), ...draft.nodes], touched)
  const origins = new Set([...removed].flatMap((node) => [...node.origins]))
  for (const node of draft.nodes) if (graph.has(node)) graph.addOrigins(node, draft.heirs.get(node)?.origins ?? origins)
  for (const node of removed) nodeNames.delete(node.name)
  nameNodes(draft, replaced, nodeNames)
  nameValues(draft, replaced, names)
  for (const { by } of replaced) if (by.producer?.opType === 'Identity') touched.add(by.producer)
  return { origins: [...(origins.size > 0 ? origins : new Set(found.nodes.flatMap((node) => [...node.origins])))], touched: [...touched] }
}

/** Removes nodes that nobody reads, and what only they read; returns them. Producers that lost a reader are added to `touched`. */
function removeDead(candidates: readonly Node[], touched: Set<Node>): Set<Node> {
  const removed = new Set<Node>()
  const stack = [...candidates].reverse()
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (!node.graph.has(node) || node.outputs.some((output) => output.isOutput || output.uses.length > 0)) continue
    const producers = node.inputs.flatMap((value) => value?.producer ?? [])
    node.graph.removeNode(node)
    removed.add(node)
    for (const producer of producers) {
      stack.push(producer)
      touched.add(producer)
    }
  }
  return removed
}

/** New nodes are called after the root, each by a name of its own. */
function nameNodes(draft: Draft, replaced: readonly Pair[], names: Set<string>): void {
  const { graph, root } = draft
  const heirs = new Set(replaced.map(({ by }) => by.producer))
  for (const node of draft.nodes) {
    const wanted = node.name !== '' || root.name === '' ? node.name : heirs.has(node) ? root.name : `${root.name}/${node.opType}`
    graph.renameNode(node, wanted === '' ? '' : claim(wanted, names))
  }
}

function claim(wanted: string, names: Set<string>): string {
  let name = wanted
  for (let count = 2; names.has(name); count++) name = `${wanted}_${count}`
  names.add(name)
  return name
}

/** New values take the names of those they replace. */
function nameValues(draft: Draft, replaced: readonly Pair[], names: readonly (string | null)[]): void {
  replaced.forEach(({ old, by }, index) => {
    const name = names[index]
    const drafted = by.producer !== null && draft.nodes.includes(by.producer)
    if (name == null || name === '' || !drafted || by.isOutput || (old.producer !== null && old.graph.has(old.producer))) return
    if (by.graph.find(name) === null) by.graph.rename(by, name)
  })
}
