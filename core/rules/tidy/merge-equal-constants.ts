import type { Graph } from '../../ir/graph.ts'
import { sameTensor } from '../../ir/same-tensor.ts'
import type { Tensor } from '../../ir/tensor.ts'
import type { Value } from '../../ir/value.ts'
import { graphsOf } from '../../ir/walk.ts'
import type { Sweep } from '../../rewrite/rule.ts'

/** Constants with the same content become one. Content is compared by samples first: large weights that differ are not read whole. */
export const mergeEqualConstants: Sweep = {
  id: 'merge-equal-constants',
  summary: 'Constants with the same content are one.',
  fidelity: 'exact',
  sweep: (model) => [...graphsOf(model.graph)].reduce((count, graph) => count + mergeIn(graph), 0),
}

/** Bytes looked at in each of three places of a large tensor. */
const sample = 64

function mergeIn(graph: Graph): number {
  const groups = new Map<string, Value[]>()
  for (const value of graph.initializers) {
    const { constant } = value
    if (constant === null || constant.strings !== undefined || value.isOutput) continue
    const { dtype, dims } = constant.ref
    const key = `${dtype} ${dims.join()} ${fingerprint(constant)}`
    groups.set(key, [...(groups.get(key) ?? []), value])
  }
  let count = 0
  for (const group of groups.values()) count += group.length > 1 ? mergeGroup(graph, group) : 0
  return count
}

/** Tensors never change: what was read once is known in every round. */
const fingerprints = new WeakMap<Tensor, string>()

function fingerprint(tensor: Tensor): string {
  let print = fingerprints.get(tensor)
  if (print === undefined) {
    print = sampled(tensor)
    fingerprints.set(tensor, print)
  }
  return print
}

/** A few bytes of the beginning, the middle and the end, in hexadecimal. */
function sampled(tensor: Tensor): string {
  const { length } = tensor.ref
  if (length <= 3 * sample) return hex(tensor.read())
  const middle = Math.floor(length / 2)
  return [0, middle, length - sample].map((from) => hex(tensor.read(from, from + sample))).join(' ')
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')

function mergeGroup(graph: Graph, group: readonly Value[]): number {
  const kept: Value[] = []
  let count = 0
  for (const value of group) {
    const same = kept.find((other) => sameTensor(other.constant as Tensor, value.constant as Tensor))
    if (same === undefined) kept.push(value)
    else {
      graph.replaceUses(value, same)
      graph.removeValue(value)
      count += 1
    }
  }
  return count
}
