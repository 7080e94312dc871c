import type { Model } from '../ir/model.ts'
import type { Node, NodeId } from '../ir/value.ts'
import { graphsOf } from '../ir/walk.ts'
import { type DriveOptions, drive, type Instance, RuleIndex, tryRule } from './drive.ts'
import { isValue } from './equality.ts'
import { type Miss, matchAt } from './match.ts'
import { qualified, sizeOf } from './pattern.ts'
import { isSweep, type Rule, type Step } from './rule.ts'

/** A place where a rule matches in part, or wholly but was refused. */
export interface NearMiss {
  readonly rule: string
  /** Why not, as a sentence. */
  readonly reason: string
  /** Nodes of the opened model at the furthest point. */
  readonly at: readonly NodeId[]
  /** The value, when the point is an edge rather than a node. */
  readonly value: string | null
  /** How many nodes of the pattern matched, of how many: what the fusion would bring is about the latter. */
  readonly matched: number
  readonly size: number
}

export interface Explanation {
  readonly fusable: readonly { readonly rule: string; readonly instances: readonly Instance[] }[]
  /** Those that would bring most first. */
  readonly nearMisses: readonly NearMiss[]
}

/** What rules would do to a model, and where they come close without doing it. The model itself stays untouched. */
export function explain(
  model: Model,
  steps: readonly Step[],
  options: DriveOptions & { readonly prepare?: (fork: Model) => void } = {},
): Explanation {
  const fork = model.fork()
  options.prepare?.(fork)
  const { instances } = drive(fork, steps, options)
  const rules = [...new Set(instances.map(({ rule }) => rule))]
  return {
    fusable: rules.map((rule) => ({ rule, instances: instances.filter((instance) => instance.rule === rule) })),
    nearMisses: nearMisses(fork, steps),
  }
}

/** Where rules come close in a model as it stands. */
export function nearMisses(model: Model, steps: readonly Step[]): readonly NearMiss[] {
  const index = new RuleIndex(steps.filter((step) => !isSweep(step) && worthTelling(step)))
  const told: Told[] = []
  for (const graph of graphsOf(model.graph)) {
    for (const node of graph.nodes) {
      const here = index.at(node).flatMap((rule) => {
        const miss = nearest(rule, node)
        return miss === null ? [] : [{ rule, miss }]
      })
      const most = Math.max(0, ...here.map(({ miss }) => miss.matched.length))
      // Rules for other spellings of the same thing come less far at the same place.
      told.push(...here.filter(({ miss }) => miss.whole || miss.matched.length === most))
    }
  }
  const found = new Map<string, NearMiss>()
  for (const { rule, miss } of withoutParts(told)) keep(found, nearMissOf(rule, miss))
  return ranked([...found.values()])
}

interface Told {
  readonly rule: Rule
  readonly miss: Miss
}

/** What stands in part within what stands wholly elsewhere is a part of that: its refusal says it all. Last resorts come where nothing else is said. */
function withoutParts(told: readonly Told[]): readonly Told[] {
  const first = told.filter(({ rule }) => rule.lastResort !== true)
  const spoken = new Set(first.flatMap(({ miss }) => miss.matched))
  const last = told.filter(({ rule, miss }) => rule.lastResort === true && !miss.matched.some((node) => spoken.has(node)))
  return [...partsLeftOut(first), ...last]
}

function partsLeftOut(told: readonly Told[]): readonly Told[] {
  const wholes = told.filter(({ miss }) => miss.whole).map(({ miss }) => new Set(miss.matched))
  return told.filter(({ miss }) => miss.whole || !wholes.some((whole) => miss.matched.every((node) => whole.has(node))))
}

/** A pattern of one operator matches in part wherever that operator stands: only its refusals say something. */
const worthTelling = (rule: Rule): boolean => rule.housekeeping !== true && (rule.lastResort === true || sizeOf(rule.pattern) > 1)

function nearest(rule: Rule, node: Node): Miss | null {
  const miss = furthest(rule, node)
  return miss !== null && isNear(miss, sizeOf(rule.pattern)) ? miss : null
}

/** Where the attempt of a rule at a node ended that came furthest; `null` where none began there. */
export function furthest(rule: Rule, node: Node): Miss | null {
  let best: Miss | null = null
  // Where the whole pattern stood, the refusal says more than how far another alternative came.
  let refusal: Miss | null = null
  const onMiss = (miss: Miss): void => {
    if (best === null || isFurther(miss, best)) best = miss
  }
  matchAt(
    rule.pattern,
    node,
    (match) => {
      const refused = tryRule(rule, match)
      refusal ??= refused
      return false
    },
    onMiss,
  )
  return refusal ?? best
}

/** The whole pattern before a part of it, more operators before fewer, and of as many those with more of their inputs. */
function isFurther(miss: Miss, other: Miss): boolean {
  if (miss.whole !== other.whole) return miss.whole
  return (miss.matched.length - other.matched.length || miss.leaves - other.leaves) > 0
}

/** Smaller patterns stand in part nearly everywhere: only whole ones say something. */
const leastParts = 4

/** What stands next to one another in every graph: a part of a pattern that is made of nothing else says nothing. */
const commonplace: ReadonlySet<string> = new Set([
  'Add',
  'Sub',
  'Mul',
  'Div',
  'Cast',
  'Reshape',
  'Squeeze',
  'Unsqueeze',
  'Transpose',
  'Where',
])

/** The whole pattern stands there, more than half of one that is not small, or all but that a weight may be overridden. */
function isNear(miss: Miss, size: number): boolean {
  const matched = new Set(miss.matched)
  if (miss.whole || (matched.size >= size && isOverridable(miss.at))) return true
  return size >= leastParts && matched.size >= Math.floor(size / 2) + 1 && [...matched].some((node) => !commonplace.has(qualified(node)))
}

const isOverridable = (at: Miss['at']): boolean => isValue(at) && at.initializer !== null && at.isInput

function nearMissOf(rule: Rule, miss: Miss): NearMiss {
  const value = isValue(miss.at) ? miss.at : null
  const node = value === null ? (miss.at as Node | null) : (value.producer ?? miss.matched.findLast(({ inputs }) => inputs.includes(value)))
  const at = node ?? miss.matched.at(-1) ?? null
  return {
    rule: rule.id,
    reason: miss.reason,
    at: at === null ? [] : [...at.origins],
    value: value?.name ?? null,
    matched: new Set(miss.matched).size,
    size: sizeOf(rule.pattern),
  }
}

function keep(found: Map<string, NearMiss>, miss: NearMiss): void {
  const key = `${miss.rule} ${miss.at.join()} ${miss.value ?? ''}`
  const other = found.get(key)
  if (other === undefined || other.matched < miss.matched) found.set(key, miss)
}

/** Those that would bring most first, and of as much those that are nearest. */
export const ranked = (misses: readonly NearMiss[]): readonly NearMiss[] =>
  [...misses].sort((a, b) => b.size - a.size || b.matched - a.matched)
