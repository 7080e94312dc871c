import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Model } from '../../../core/ir/model.ts'
import { CycleError } from '../../../core/ir/order.ts'

/** A graph of `count` nodes made in file order whose inputs are wired afterwards, as a file in any order is read. */
function wired(count: number, edges: readonly (readonly [number, number])[]) {
  const { graph } = new Model()
  const made = Array.from({ length: count }, (_, index) => graph.addNode({ opType: 'Max', name: `${index}`, inputs: [] }))
  for (const [from, to] of edges) graph.setInput(made[to]!, made[to]!.inputs.length, made[from]!.outputs[0]!)
  return graph
}

it('puts every producer before its readers, and keeps an order that is right already', () => {
  const graphs = fc.integer({ min: 2, max: 25 }).chain((count) =>
    fc.record({
      count: fc.constant(count),
      rank: fc.shuffledSubarray([...Array(count).keys()], { minLength: count }),
      pairs: fc.array(fc.tuple(fc.nat(count - 1), fc.nat(count - 1)), { maxLength: 60 }),
    }),
  )
  fc.assert(
    fc.property(graphs, ({ count, rank, pairs }) => {
      // Edges go from a lower to a higher rank, so there is no circle.
      const edges = pairs.filter(([a, b]) => rank[a]! < rank[b]!)
      const order = wired(count, edges).nodes.map(({ name }) => Number(name))
      const place = new Map(order.map((node, index) => [node, index]))
      expect(order).toHaveLength(count)
      for (const [from, to] of edges) expect(place.get(from)!).toBeLessThan(place.get(to)!)
      const forward = pairs.filter(([a, b]) => a < b)
      expect(wired(count, forward).nodes.map(({ name }) => Number(name))).toEqual([...Array(count).keys()])
    }),
    { numRuns: 300 },
  )
})

it('finds a circle of any length and names a node on it', () => {
  for (const length of [1, 2, 50]) {
    const circle = Array.from({ length }, (_, index) => [1 + index, 1 + ((index + 1) % length)] as const)
    const graph = wired(length + 2, [[0, 1], ...circle, [1, length + 1]])
    expect(() => graph.nodes).toThrow(CycleError)
    try {
      graph.nodes
    } catch (error) {
      expect(Number((error as CycleError).node.name)).toBeGreaterThan(0)
      expect(Number((error as CycleError).node.name)).toBeLessThanOrEqual(length)
    }
  }
})

it('a chain of a hundred thousand nodes, written backwards, does not exhaust the stack', () => {
  const count = 100_000
  const graph = wired(
    count,
    Array.from({ length: count - 1 }, (_, index) => [index + 1, index] as const),
  )
  expect(graph.nodes[0]!.name).toBe(`${count - 1}`)
})
