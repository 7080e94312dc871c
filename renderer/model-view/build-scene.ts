import { type Block, blocksOf, type Flow, flowOf } from './blocks.ts'
import { type GraphIndex, moduleOf, rootId, shortValue } from './graph-index.ts'
import { layeredOnce } from './layered/reuse.ts'
import type { Item, Layout, Net, Point } from './layered/types.ts'
import { mainClass } from './main-class.ts'
import { opClassOf } from './op-class.ts'
import { type Box, measures, type Rect, type Row, rowOf, type Scene, stackWidth, textWidth, type Wire } from './scene.ts'

/** A drawn level: its own size, its boxes and wires relative to itself, and where values cross its border. */
interface Level {
  readonly width: number
  readonly height: number
  readonly boxes: readonly Box[]
  readonly wires: readonly Wire[]
  readonly inPorts: Readonly<Record<string, number>>
  readonly outPorts: Readonly<Record<string, number>>
}

/**
 * Draws a graph with some groups open. Each group is laid out by itself, from the inside out; an open group is one box to the level
 * around it, and lines meet at its border.
 */
export function buildScene(index: GraphIndex, open: ReadonlySet<string>): Scene {
  const { width, height, boxes, wires } = buildLevel(index, { parent: rootId, depth: 0, open })
  return { width, height, boxes, wires }
}

interface Place {
  readonly parent: string
  readonly depth: number
  readonly open: ReadonlySet<string>
}

function buildLevel(index: GraphIndex, place: Place): Level {
  const blocks = blocksOf(index, place.parent, (group) => place.open.has(group))
  const flow = flowOf(index, place.parent, blocks)
  const labels = labelsOf(index, flow, blocks)
  const inner = new Map<string, Level>()
  const rows = new Map<string, readonly Row[]>()
  for (const block of blocks) {
    if (block.kind === 'open') inner.set(block.id, buildLevel(index, { ...place, parent: block.group.id, depth: place.depth + 1 }))
    if (block.kind === 'stack')
      rows.set(
        block.id,
        block.nodes.map((node) => rowOf(node, opClassOf(node.opType), weighty(node) ? moduleOf(node) : '')),
      )
  }
  const parts: Parts = { index, place, blocks, flow, labels, inner, rows }
  const items = [...blocks.map((block) => itemOf(parts, block)), ...borderItems(parts)]
  const layout = layeredOnce(items, netsOf(parts), flow.order)
  return assemble(parts, layout, new Map(items.map((item) => [item.id, item])))
}

/** Only what carries weights has twins that its module tells apart. */
const weighty = ({ weightBytes }: { readonly weightBytes: number }) => weightBytes > 4096

interface Parts {
  readonly index: GraphIndex
  readonly place: Place
  readonly blocks: readonly Block[]
  readonly flow: Flow
  readonly labels: ReadonlyMap<string, Labels>
  readonly inner: ReadonlyMap<string, Level>
  readonly rows: ReadonlyMap<string, readonly Row[]>
}

interface Labels {
  readonly in: readonly { readonly value: string; readonly text: string }[]
  readonly out: readonly { readonly value: string; readonly text: string }[]
}

const mostLabels = 3

/** A folded group is no higher than one label: the others are counted. */
function labelsOf(index: GraphIndex, { labels }: Flow, blocks: readonly Block[]): Map<string, Labels> {
  const kinds = new Map(blocks.map(({ id, kind }) => [id, kind]))
  const found = new Map<string, { in: { value: string; text: string }[]; out: { value: string; text: string }[] }>()
  for (const { value, block, side } of labels) {
    const here = found.get(block) ?? { in: [], out: [] }
    here[side].push({ value, text: shortValue(index, value) })
    found.set(block, here)
  }
  return new Map([...found].map(([block, sides]) => [block, kinds.get(block) === 'stack' ? few(sides) : counted(sides)]))
}

const few = (sides: Labels): Labels => ({ in: sides.in.slice(0, mostLabels), out: sides.out.slice(0, mostLabels) })

function counted(sides: Labels): Labels {
  const [first, ...more] = sides.in.length > 0 ? sides.in : sides.out
  const rest = more.length + (sides.in.length > 0 ? sides.out.length : 0)
  const label = { value: first!.value, text: rest > 0 ? `${first!.text} +${rest}` : first!.text }
  return sides.in.length > 0 ? { in: [label], out: [] } : { in: [], out: [label] }
}

const labelWidth = (text: string) => Math.round(textWidth(text)) + 18
const labelReach = 22

function itemOf(parts: Parts, block: Block): Item {
  const labels = parts.labels.get(block.id)
  const widest = Math.max(0, ...[...(labels?.in ?? []), ...(labels?.out ?? [])].map(({ text }) => labelWidth(text)))
  const marginRight = widest > 0 ? widest + labelReach : undefined
  if (block.kind === 'group')
    return { id: block.id, ...measures.group, height: measures.group.height + (block.groups.length > 1 ? 4 : 0), marginRight }
  if (block.kind === 'open') return { ...openItem(block.id, parts.inner.get(block.id)!), marginRight }
  const rows = parts.rows.get(block.id)!
  const loops = loopsOf(block.nodes).length > 0 ? 12 : 0
  return {
    id: block.id,
    width: stackWidth(rows) + loops,
    height: rows.length * measures.row,
    sideRows: sideRowsOf(parts.index, block),
    marginRight,
  }
}

function openItem(id: string, level: Level): Item {
  const shifted = (ports: Readonly<Record<string, number>>) =>
    Object.fromEntries(Object.entries(ports).map(([value, x]) => [value, x + measures.pad]))
  return {
    id,
    width: Math.max(level.width + 2 * measures.pad, measures.group.width),
    height: level.height + measures.header + measures.pad,
    inPorts: shifted(level.inPorts),
    outPorts: shifted(level.outPorts),
  }
}

/** Values that a later row of a stack reads from outside come in at that row. */
function sideRowsOf(index: GraphIndex, block: Extract<Block, { kind: 'stack' }>): Record<string, number> | undefined {
  const rows: Record<string, number> = {}
  const made = new Set<string>()
  for (const [position, node] of block.nodes.entries()) {
    for (const value of node.inputs) {
      if (position > 0 && !made.has(value) && index.readers.has(value) && rows[value] === undefined)
        rows[value] = position * measures.row + Math.round(measures.row / 2)
    }
    for (const value of node.outputs) made.add(value)
  }
  for (const value of block.nodes[0]!.inputs) delete rows[value]
  return Object.keys(rows).length > 0 ? rows : undefined
}

/** Rows that read a row further up than the one before them. */
function loopsOf(nodes: Extract<Block, { kind: 'stack' }>['nodes']): { from: number; to: number }[] {
  const row = new Map(nodes.flatMap(({ outputs }, position) => outputs.map((value): [string, number] => [value, position])))
  return nodes.flatMap(({ inputs }, to) =>
    inputs.flatMap((value) => {
      const from = row.get(value)
      return from !== undefined && from < to - 1 ? [{ from, to }] : []
    }),
  )
}

const entryId = (value: string) => `in:${value}`
const exitId = (value: string) => `out:${value}`

/** Where values enter and leave: named boxes at the outermost level, points on the border inside a group. */
function borderItems({ index, place, flow }: Parts): Item[] {
  const atRoot = place.parent === rootId
  const size = (value: string) =>
    atRoot ? { width: Math.max(64, labelWidth(borderText(index, value))), height: measures.border } : { width: 2, height: 0 }
  return [
    ...flow.entering.map(({ value }): Item => ({ id: entryId(value), ...size(value), pin: atRoot ? undefined : 'first' })),
    ...flow.leaving.map(({ value }): Item => ({ id: exitId(value), ...size(value), pin: atRoot ? undefined : 'last' })),
  ]
}

const borderText = (_index: GraphIndex, value: string) => (value.length > 30 ? `…${value.slice(-29)}` : value)

function netsOf({ flow }: Parts): Net[] {
  const leaving = new Map(flow.leaving.map(({ value, from }) => [value, from]))
  const nets: Net[] = flow.entering.map(({ value, to }) => ({ value, source: entryId(value), targets: to }))
  for (const { value, from, to } of flow.inner) {
    nets.push({ value, source: from, targets: leaving.has(value) ? [...to, exitId(value)] : to })
    leaving.delete(value)
  }
  for (const [value, from] of leaving) nets.push({ value, source: from, targets: [exitId(value)] })
  return nets
}

function assemble(parts: Parts, layout: Layout, items: ReadonlyMap<string, Item>): Level {
  const rectOf = (id: string): Rect => ({ ...layout.places.get(id)!, width: items.get(id)!.width, height: items.get(id)!.height })
  const boxes: Box[] = []
  const wires: Wire[] = []
  for (const block of parts.blocks) {
    const rect = rectOf(block.id)
    boxes.push(boxOf(parts, block, rect), ...labelBoxes(parts, block, rect))
    const level = parts.inner.get(block.id)
    if (!level) continue
    const offset = { x: rect.x + measures.pad, y: rect.y + measures.header }
    boxes.push(...level.boxes.map((box) => ({ ...box, ...moved(box, offset) })))
    wires.push(...level.wires.map((wire) => movedWire(wire, offset)))
  }
  if (parts.place.parent === rootId) boxes.push(...borderBoxes(parts, rectOf))
  wires.push(...layout.routes.map((route) => wireOf(parts, route, layout)))
  const portsAt = (values: readonly string[], id: (value: string) => string) =>
    Object.fromEntries(values.map((value) => [value, layout.places.get(id(value))!.x + 1]))
  return {
    width: layout.width,
    height: layout.height,
    boxes,
    wires,
    inPorts: portsAt(
      parts.flow.entering.map(({ value }) => value),
      entryId,
    ),
    outPorts: portsAt(
      parts.flow.leaving.map(({ value }) => value),
      exitId,
    ),
  }
}

function boxOf({ index, place, rows }: Parts, block: Block, rect: Rect): Box {
  const base = { ...rect, id: block.id, depth: place.depth }
  if (block.kind === 'stack') return { ...base, kind: 'stack', rows: rows.get(block.id)!, loops: loopsOf(block.nodes) }
  if (block.kind === 'group') {
    const [group] = block.groups
    const members = block.groups.map(({ id }) => id)
    return { ...base, kind: 'group', group: group!, members, nodes: block.nodes.length / members.length, opClass: mainClass(block.nodes) }
  }
  const twins = [...index.groups.values()].filter(({ shape }) => shape === block.group.shape).length
  const weightBytes = block.nodes.reduce((sum, node) => sum + node.weightBytes, 0)
  return { ...base, kind: 'open', group: block.group, nodes: block.nodes.length, weightBytes, twins }
}

/** Labels stand right of their box: incoming ones at the row that reads them, outgoing ones at the foot. */
function labelBoxes(parts: Parts, block: Block, rect: Rect): Box[] {
  const labels = parts.labels.get(block.id)
  if (!labels) return []
  const x = rect.x + rect.width + labelReach
  const height = measures.label
  const rowOfValue = (value: string) =>
    block.kind === 'stack'
      ? Math.max(
          0,
          block.nodes.findIndex(({ inputs }) => inputs.includes(value)),
        )
      : 0
  const used = new Set<number>()
  const free = (row: number): number => (used.has(row) ? free(row + 1) : row)
  const at = (row: number) => {
    const taken = free(row)
    used.add(taken)
    return rect.y + taken * measures.row
  }
  const label =
    (side: 'in' | 'out', row: number) =>
    ({ value, text }: { readonly value: string; readonly text: string }): Box => ({
      kind: 'label',
      id: `${side}:${block.id}:${value}`,
      value,
      text,
      side,
      depth: parts.place.depth,
      x,
      y: at(row < 0 ? rowOfValue(value) : row),
      width: labelWidth(text),
      height,
    })
  const last = Math.max(0, Math.floor(rect.height / measures.row) - labels.out.length)
  return [...labels.in.map(label('in', -1)), ...labels.out.map(label('out', last))]
}

function borderBoxes({ index, flow }: Parts, rectOf: (id: string) => Rect): Box[] {
  const box = (side: 'input' | 'output', id: string, value: string): Box => ({
    ...rectOf(id),
    kind: 'border',
    id,
    value,
    text: borderText(index, value),
    side,
    depth: 0,
  })
  return [
    ...flow.entering.map(({ value }) => box('input', entryId(value), value)),
    ...flow.leaving.map(({ value }) => box('output', exitId(value), value)),
  ]
}

const moved = (at: Point, by: Point): Point => ({ x: at.x + by.x, y: at.y + by.y })

function movedWire(wire: Wire, by: Point): Wire {
  return {
    ...wire,
    ...moved(wire, by),
    lines: wire.lines.map(({ points, arrow }) => ({ arrow, points: points.map((point) => moved(point, by)) })),
    dots: wire.dots.map((dot) => moved(dot, by)),
  }
}

/** Inside a group a line begins at the border above the header and ends at the border below: no arrow head there. */
function wireOf(parts: Parts, route: Layout['routes'][number], layout: Layout): Wire {
  const atRoot = parts.place.parent === rootId
  const entry = !atRoot && layout.places.has(entryId(route.value)) && parts.flow.entering.some(({ value }) => value === route.value)
  const lines = route.lines.map(({ points, target }, position) => {
    const run = [...points]
    if (entry && position === 0) run[0] = { x: run[0]!.x, y: run[0]!.y - measures.header }
    const leaves = !atRoot && target === exitId(route.value)
    if (leaves) run.push({ x: run.at(-1)!.x, y: layout.height + measures.pad })
    return { points: run, arrow: !leaves && !(target !== null && parts.inner.has(target)) }
  })
  const all = [...lines.flatMap(({ points }) => points), ...route.dots]
  const xs = all.map(({ x }) => x)
  const ys = all.map(({ y }) => y)
  const x = Math.min(...xs)
  const y = Math.min(...ys)
  return {
    id: `${parts.place.parent}|${route.value}`,
    value: route.value,
    x,
    y,
    width: Math.max(...xs) - x,
    height: Math.max(...ys) - y,
    lines,
    dots: route.dots,
  }
}
