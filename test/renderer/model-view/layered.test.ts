import { describe, expect, it } from 'vitest'
import { layered } from '../../../renderer/model-view/layered/layered.ts'
import { monotone } from '../../../renderer/model-view/layered/place.ts'
import type { Item, Net } from '../../../renderer/model-view/layered/types.ts'
import { seeded } from '../../support/seeds.ts'

const box = (id: string, more: Partial<Item> = {}): Item => ({ id, width: 100, height: 20, ...more })
const net = (source: string, ...targets: string[]): Net => ({ value: `${source}.out`, source, targets })

describe('a layered drawing', () => {
  it('puts readers below their sources', () => {
    const { places } = layered([box('a'), box('b'), box('c')], [net('a', 'b'), net('b', 'c')])
    expect(places.get('a')!.y).toBeLessThan(places.get('b')!.y)
    expect(places.get('b')!.y).toBeLessThan(places.get('c')!.y)
  })

  it('draws a chain as straight lines', () => {
    const { routes } = layered([box('a'), box('b')], [net('a', 'b')])
    const xs = routes[0]!.lines[0]!.points.map(({ x }) => x)
    expect(new Set(xs).size).toBe(1)
  })

  it('leads straight to the exit of a group', () => {
    const exit: Item = { id: 'exit', width: 2, height: 0, pin: 'last' }
    const { routes } = layered([box('a'), exit], [net('a', 'exit')])
    expect(new Set(routes[0]!.lines[0]!.points.map(({ x }) => x)).size).toBe(1)
  })

  it('draws one bus with a dot for a value with three readers', () => {
    const { routes, places } = layered([box('a'), box('q'), box('k'), box('v')], [net('a', 'q', 'k', 'v')])
    expect(routes).toHaveLength(1)
    expect(routes[0]!.dots).toHaveLength(1)
    expect(new Set(['q', 'k', 'v'].map((id) => places.get(id)!.y)).size).toBe(1)
    expect(routes[0]!.lines.filter(({ arrow }) => arrow)).toHaveLength(3)
  })

  it('keeps boxes of a layer apart', () => {
    const items = ['a', 'b', 'c', 'd', 'e'].map((id) => box(id))
    const { places } = layered([box('root'), ...items], [net('root', ...items.map(({ id }) => id))])
    const lefts = items.map(({ id }) => places.get(id)!.x).sort((a, b) => a - b)
    for (const [position, left] of lefts.entries()) if (position > 0) expect(left - lefts[position - 1]!).toBeGreaterThanOrEqual(114)
  })

  it('runs a long edge in a lane left of all boxes', () => {
    const ids = Array.from({ length: 12 }, (_, at) => `n${at}`)
    const chain = ids.slice(1, -1).map((id, position) => net(id, ids[position + 2]!))
    const { routes, places } = layered(
      ids.map((id) => box(id)),
      [net('n0', 'n1', 'n11'), ...chain],
    )
    const lane = routes[0]!.lines.find(({ target }) => target === 'n11')!
    expect(Math.min(...lane.points.map(({ x }) => x))).toBeLessThan(Math.min(...ids.map((id) => places.get(id)!.x)))
  })

  it('runs a long edge of boxes at the right in a lane right of all boxes', () => {
    // A wide row holds a column at its right end, beside whose middle the edge must pass.
    const row = ['p', 'q', 'r', 's'].map((id) => box(id))
    const column = Array.from({ length: 11 }, (_, at) => `n${at}`)
    const chain = column.slice(1, -1).map((id, position) => net(id, column[position + 2]!))
    const { routes, places, width } = layered(
      [box('in'), ...row, ...column.map((id) => box(id))],
      [net('in', 'p', 'q', 'r', 's', 'n0'), net('n0', 'n1', 'n10'), ...chain],
    )
    const lane = routes[1]!.lines.find(({ target }) => target === 'n10')!
    const right = Math.max(...lane.points.map(({ x }) => x))
    expect(right).toBeGreaterThan(Math.max(...[...places.values()].map(({ x }) => x + 100)))
    expect(right).toBeLessThanOrEqual(width)
  })

  it('runs an edge past a few boxes straight down between them', () => {
    const column = Array.from({ length: 6 }, (_, at) => `n${at}`)
    const chain = column.slice(0, -1).map((id, at) => net(id, column[at + 1]!))
    const side: Net = { value: 'side', source: 'start', targets: ['n5'] }
    const { routes, places } = layered([box('start'), ...column.map((id) => box(id))], [net('start', 'n0'), side, ...chain])
    const { points } = routes[1]!.lines[0]!
    // Two bends at most, and beside every box that it passes.
    expect(points.length).toBeLessThanOrEqual(6)
    const passing = points.map(({ x }) => x).sort((a, b) => a - b)[points.length >> 1]!
    for (const id of column.slice(0, -1)) expect(Math.abs(passing - (places.get(id)!.x + 50))).toBeGreaterThan(50)
  })

  it('brings a value in at the row of a stack that reads it', () => {
    const stack = box('stack', { height: 68, sideRows: { 'm.out': 42 } })
    const { routes, places } = layered([box('a'), box('m'), stack], [net('a', 'stack'), net('m', 'stack')])
    const end = routes[1]!.lines[0]!.points.at(-1)!
    expect(end).toEqual({ x: places.get('stack')!.x, y: places.get('stack')!.y + 42 })
  })

  it('draws groups that feed each other, which have no order', () => {
    const { places } = layered([box('a'), box('b')], [net('a', 'b'), { value: 'back', source: 'b', targets: ['a'] }])
    expect(places.get('a')!.y).toBeLessThan(places.get('b')!.y)
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('leaves no gap between parts that no line joins (drawing %d)', (seed) => {
    const random = seeded(seed)
    const items: Item[] = []
    const nets: Net[] = []
    for (const part of ['left', 'right']) {
      let above: string[] = []
      for (let layer = 0; layer < 4; layer++) {
        const here = Array.from({ length: layer === 0 ? 1 : 1 + Math.floor(random() * 3) }, (_, at) => `${part}${layer}${at}`)
        items.push(...here.map((id) => box(id, { marginRight: random() < 0.5 ? 0 : 90 })))
        const readers = new Map(above.map((id): [string, string[]] => [id, []]))
        for (const id of here) readers.get(above[Math.floor(random() * above.length)] ?? '')?.push(id)
        for (const [source, targets] of readers) if (targets.length > 0) nets.push(net(source, ...targets))
        above = here
      }
    }
    const { places } = layered(items, nets)
    const rights = items.map(({ id, marginRight = 0 }) => ({ id, ...places.get(id)!, end: places.get(id)!.x + 100 + marginRight }))
    const gaps = rights.flatMap((one) => {
      const [before] = rights.filter(({ x, y }) => y === one.y && x < one.x).sort((a, b) => b.x - a.x)
      return before && before.id.slice(0, 4) !== one.id.slice(0, 4) ? [one.x - before.end] : []
    })
    expect(Math.min(...gaps)).toBeCloseTo(16, -0.5)
  })

  it('lets an arrow end where the box begins', () => {
    const { routes, places } = layered([box('a'), box('b'), box('c')], [net('a', 'b', 'c'), net('b', 'c')])
    for (const { lines } of routes) {
      for (const { points, target } of lines) {
        const place = places.get(target!)!
        expect(points.at(-1)!.y).toBe(place.y)
        expect(points.at(-1)!.x).toBeGreaterThanOrEqual(place.x)
        expect(points.at(-1)!.x).toBeLessThanOrEqual(place.x + 100)
      }
    }
  })

  it('draws ten thousand boxes with long edges in seconds, not minutes', () => {
    const items = Array.from({ length: 10_000 }, (_, i) => box(`n${i}`))
    const nets = items.slice(0, -1).map((_, i) => net(`n${i}`, `n${i + 1}`, ...(i % 7 === 0 && i + 9 < 10_000 ? [`n${i + 9}`] : [])))
    const started = performance.now()
    const { places } = layered(items, nets)
    expect(places.size).toBe(10_000)
    expect(performance.now() - started).toBeLessThan(15_000)
  })
})

describe('the nearest non-decreasing sequence', () => {
  it('keeps what is in order', () => {
    expect(monotone([1, 2, 3].map((value) => ({ value, weight: 1 })))).toEqual([1, 2, 3])
  })
  it('pools what is not, by weight', () => {
    expect(
      monotone([
        { value: 4, weight: 1 },
        { value: 1, weight: 2 },
      ]),
    ).toEqual([2, 2])
  })
})
