import type { Node, NodeId } from '../ir/value.ts'
import { scopeOf, segmentsOf } from './scope.ts'
import { hasWeights } from './weights.ts'

type Places = ReadonlyMap<Node, readonly string[]>

/** Where the nodes of a graph lie: those of the opened model where they lay, readers before what they read. */
export function placesOf(nodes: readonly Node[], stems: ReadonlyMap<Node, readonly Node[]>, opened: ReadonlyMap<NodeId, Node>): Places {
  const isMade = (node: Node) => !opened.has(node.id)
  const weighty = new Set(nodes.filter((node) => isMade(node) && hasWeights(node)).map(familyOf))
  const places = new Map<Node, readonly string[]>()
  const shared = new Set<Node>()
  for (const node of nodes.toReversed()) {
    const from = stems.get(node) ?? []
    if (!isMade(node)) places.set(node, pathTo(node))
    else if (weighty.has(familyOf(node))) places.set(node, convertedFor(node, placeAmong(weightsFirst(from)), places))
    else {
      const own = placeAmong(from)
      const outside = outsideOf(node, own, places, shared)
      if (outside !== own) shared.add(node)
      places.set(node, outside === own ? convertedFor(node, own, places) : outside)
    }
  }
  for (const node of nodes) if (isMade(node) && !shared.has(node)) places.set(node, surrounded(node, places))
  for (const node of islands(nodes, places, isMade)) {
    const place = places.get(node) ?? []
    places.set(node, place.slice(0, listDepth(place)))
  }
  return places
}

/** The nodes of the opened model from which each node stems; for one without origins those of its readers. */
export function stemsOf(nodes: readonly Node[], opened: ReadonlyMap<NodeId, Node>): ReadonlyMap<Node, readonly Node[]> {
  const stems = new Map<Node, readonly Node[]>()
  for (const node of nodes.toReversed()) {
    const own = [...node.origins].flatMap((id) => opened.get(id) ?? [])
    const readers = () => node.outputs.flatMap(({ uses }) => uses.flatMap((use) => stems.get(use.node) ?? []))
    stems.set(node, own.length > 0 ? own : [...new Set(readers())])
  }
  return stems
}

/** Equal for nodes that were made of the same ones: what became of one layer stays together. */
const familyOf = ({ origins }: Node): string => [...origins].toSorted().join(' ')

function weightsFirst(stems: readonly Node[]): readonly Node[] {
  const weighty = stems.filter(hasWeights)
  return weighty.length > 0 ? weighty : stems
}

const between: ReadonlySet<string> = new Set(['QuantizeLinear', 'DequantizeLinear', 'DynamicQuantizeLinear', 'Cast'])

/** Where a conversion that several modules read lies: in none of them, unless what it converts comes from there. */
function convertedFor(node: Node, own: readonly string[], places: Places): readonly string[] {
  const from = node.inputs[0]?.producer
  const readers = readersOf(node).map((reader) => places.get(reader) ?? [])
  const fromHere = from && (familyOf(from) === familyOf(node) || isWithin(pathTo(from), own))
  if (!between.has(node.opType) || readers.length < 2 || fromHere) return own
  return readers.reduce(commonOf, own)
}

/** What several members of a list read, and what only that reads, lies outside of them: it is theirs in common, whoever had it first. */
function outsideOf(node: Node, own: readonly string[], places: Places, shared: ReadonlySet<Node>): readonly string[] {
  const readers = readersOf(node)
  const [first] = readers
  if (first !== undefined && readers.every((reader) => shared.has(reader))) return commonOf(own, places.get(first) ?? [])
  const paths = readers.map((reader) => places.get(reader) ?? [])
  const inside = own.findIndex((segment, depth) => membersOf(paths, segment, depth).size > mostReaders)
  return inside < 0 ? own : own.slice(0, inside)
}

/** Two blocks in a row may read one value: the next one's residual. */
const mostReaders = 2

/** What was moved among the members of a list stands where it is read: the token that a classifier picks, picked before the last layer. */
function surrounded(node: Node, places: Places): readonly string[] {
  const own = places.get(node) ?? []
  const place = own.join('/')
  // A conversion beside it that lies where it does goes with it.
  const beyond = (others: readonly Node[], next: (other: Node) => readonly Node[]): readonly Node[] =>
    others.flatMap((other) =>
      between.has(other.opType) && (places.get(other) ?? []).join('/') === place ? beyond(next(other), next) : [other],
    )
  const producers = beyond(producersOf(node), producersOf)
  const readers = beyond(readersOf(node), readersOf)
  if (producers.length === 0 || readers.length === 0) return own
  const [list, ...others] = new Set([...producers, ...readers].map((other) => listIn(places.get(other) ?? [])))
  if (list === undefined || list === '' || others.length > 0 || list === listIn(own)) return own
  return readers.map((reader) => places.get(reader) ?? []).reduce(commonOf)
}

/** The outermost list on a path; `''`: there is none. */
const listIn = (path: readonly string[]): string => memberOf(path).replace(/\.\d+$/, '')

/**
 * What has no wire to the rest of its member of a list lies outside of the list: the other members had the same, and it was merged.
 * @param isMade whether a node may lie elsewhere than where it is
 */
function islands(nodes: readonly Node[], places: Places, isMade: (node: Node) => boolean): readonly Node[] {
  const members = new Map<string, Node[][]>()
  for (const part of connectedParts(nodes, (node) => memberOf(places.get(node) ?? []))) {
    const member = memberOf(places.get(part[0] as Node) ?? [])
    members.set(member, [...(members.get(member) ?? []), part])
  }
  members.delete('')
  return [...members.values()].flatMap((parts) => {
    const largest = Math.max(...parts.map(({ length }) => length))
    return parts.filter((part) => part.length < largest && part.every(isMade)).flat()
  })
}

/** Nodes of one kind that wires hold together. */
function connectedParts(nodes: readonly Node[], kindOf: (node: Node) => string): readonly Node[][] {
  const seen = new Set<Node>()
  return nodes.flatMap((start) => {
    if (seen.has(start)) return []
    const part = [start]
    seen.add(start)
    for (const node of part) {
      for (const other of [...readersOf(node), ...node.inputs.flatMap((input) => input?.producer ?? [])]) {
        if (seen.has(other) || other.graph !== node.graph || kindOf(other) !== kindOf(start)) continue
        seen.add(other)
        part.push(other)
      }
    }
    return [part]
  })
}

/** The outermost member of a list on a path; `''`: there is none. */
const memberOf = (path: readonly string[]): string => path.slice(0, listDepth(path) + 1).join('/')

/** Where on a path the outermost member of a list stands; -1: nowhere. */
const listDepth = (path: readonly string[]): number => path.findIndex((segment) => listOf(segment) !== null)

const producersOf = (node: Node): readonly Node[] =>
  node.inputs.flatMap((input) => (input?.producer?.graph === node.graph ? [input.producer] : []))

const readersOf = (node: Node): readonly Node[] => node.outputs.flatMap(({ uses }) => uses.map((use) => use.node))

export const pathTo = (node: Node): readonly string[] => segmentsOf(scopeOf(node))

export const isWithin = (path: readonly string[], place: readonly string[]): boolean =>
  place.every((segment, depth) => path[depth] === segment)

function commonOf(a: readonly string[], b: readonly string[]): readonly string[] {
  const end = a.findIndex((segment, depth) => b[depth] !== segment)
  return end < 0 ? a : a.slice(0, end)
}

/**
 * The modules, from the outside in, in which what stems from these nodes belongs: those of the first, at which the others were joined.
 * Several with weights of their own lie where all of them do. What stems as much from other members of a list (`layer.2`, `layer.3`) is
 * shared by them, and lies outside.
 * @param stems the node that was replaced first, then those that went with it
 */
export function placeAmong(stems: readonly Node[]): readonly string[] {
  const paths = stems.map(pathTo).filter((path) => path.length > 0)
  const [first = [], ...others] = paths
  const common = stems.every(hasWeights) ? others.reduce(commonOf, first) : first
  const shared = common.findIndex((segment, depth) => isShared(segment, depth, paths))
  return shared < 0 ? common : common.slice(0, shared)
}

function isShared(segment: string, depth: number, paths: readonly (readonly string[])[]): boolean {
  const counts = membersOf(paths, segment, depth)
  const own = counts.get(segment) ?? 0
  return [...counts.values()].filter((count) => count >= own).length > 2
}

/** Of the list that a segment is a member of, how many paths lead to each member. */
function membersOf(paths: readonly (readonly string[])[], segment: string, depth: number): ReadonlyMap<string, number> {
  const list = listOf(segment)
  const counts = new Map<string, number>()
  for (const path of paths) {
    const member = path[depth]
    if (list !== null && member !== undefined && listOf(member) === list) counts.set(member, (counts.get(member) ?? 0) + 1)
  }
  return counts
}

const listOf = (segment: string): string | null => /^(.*)\.\d+$/.exec(segment)?.[1] ?? null
