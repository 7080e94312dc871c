import type { NodeView } from '../../core/api/graph-view.ts'
import type { GroupInfo } from './graph-index.ts'
import type { Point } from './layered/types.ts'
import type { OpClass } from './op-class.ts'

export interface Rect extends Point {
  readonly width: number
  readonly height: number
}

export interface Row {
  readonly node: string
  readonly label: string
  readonly hint: string
  /** The last parts of the node's own name. */
  readonly name: string
  readonly detail: string
  readonly opClass: OpClass
  /** Subgraphs that one can go into. */
  readonly subgraphs: readonly string[]
}

/** What stands on the drawing, in world pixels; `depth` counts the open groups around it. */
export type Box = Rect & { readonly id: string; readonly depth: number } & (
    | { readonly kind: 'stack'; readonly rows: readonly Row[]; readonly loops: readonly { readonly from: number; readonly to: number }[] }
    | {
        readonly kind: 'group'
        readonly group: GroupInfo
        /** More than one: identical groups in a row, drawn as a pile. */
        readonly members: readonly string[]
        readonly nodes: number
        readonly opClass: OpClass
      }
    | { readonly kind: 'open'; readonly group: GroupInfo; readonly nodes: number; readonly weightBytes: number; readonly twins: number }
    | { readonly kind: 'label'; readonly value: string; readonly text: string; readonly side: 'in' | 'out' }
    | { readonly kind: 'border'; readonly value: string; readonly text: string; readonly side: 'input' | 'output' }
  )

export interface Wire extends Rect {
  readonly id: string
  readonly value: string
  readonly lines: readonly { readonly points: readonly Point[]; readonly arrow: boolean }[]
  readonly dots: readonly Point[]
}

/** A whole drawing. Outer boxes stand before inner ones. */
export interface Scene {
  readonly width: number
  readonly height: number
  readonly boxes: readonly Box[]
  readonly wires: readonly Wire[]
}

export const measures = {
  row: 17,
  header: 22,
  pad: 14,
  group: { width: 228, height: 28 },
  label: 16,
  border: 20,
} as const

/** Text widths without a canvas, for the worker: average advance of the 11 px sans and the 10 px mono. */
export const textWidth = (text: string) => text.length * 6.1
export const monoWidth = (text: string) => text.length * 6

const narrowest = 116
const widest = 216

export function stackWidth(rows: readonly Row[]): number {
  const widths = rows.map(({ label, hint, detail }) => textWidth(hint ? `${label} ${hint}` : label) + monoWidth(detail) + 34)
  return Math.round(Math.min(widest, Math.max(narrowest, ...widths)) / 4) * 4
}

export function rowOf(node: NodeView, opClass: OpClass, hint: string): Row {
  const name = node.name.split('/').filter(Boolean).slice(-2).join('/')
  return { node: node.id, label: node.opType, hint, name, detail: shortDetail(node.detail), opClass, subgraphs: node.subgraphs }
}

const shortDetail = (detail: string) => (detail.length > 14 ? `${detail.slice(0, 13)}…` : detail)
