/** A box to place. Sizes in pixels; ports are offsets from its left edge, rows from its top edge. */
export interface Item {
  readonly id: string
  readonly width: number
  readonly height: number
  /** Where values come in through the top, when the item already knows (an open group); else they are spread. */
  readonly inPorts?: Readonly<Record<string, number>>
  readonly outPorts?: Readonly<Record<string, number>>
  /** Values that come in through the left side, at a row of a stack. */
  readonly sideRows?: Readonly<Record<string, number>>
  /** Free space kept to the right of the box, for labels that point into it. */
  readonly marginRight?: number
  /** Entries of a group stay in the first layer, exits in the last. */
  readonly pin?: 'first' | 'last'
}

/** One value from where it is made to all that read it: drawn as one bus. */
export interface Net {
  readonly value: string
  readonly source: string
  readonly targets: readonly string[]
}

/** One item stands above another, without a line between them. */
export type Order = readonly [above: string, below: string]

export interface Point {
  readonly x: number
  readonly y: number
}

/** What to draw of a net: polylines (the last point of an arrow carries a head) and dots where it splits. */
export interface Route {
  readonly value: string
  readonly lines: readonly { readonly points: readonly Point[]; readonly arrow: boolean; readonly target: string | null }[]
  readonly dots: readonly Point[]
}

export interface Layout {
  readonly width: number
  readonly height: number
  readonly places: ReadonlyMap<string, Point>
  readonly routes: readonly Route[]
}

/** Gaps of the drawing, in pixels. */
export const gaps = { node: 16, trunk: 12, channel: 16, track: 7, lane: 10, sideLane: 12 } as const

/**
 * Edges that span more layers than this run in a lane at an edge instead of between the boxes: near by they are easier to follow, but each
 * takes a place in every layer that it passes.
 */
export const longestInnerSpan = (items: number): number => (items > 300 ? 3 : 8)
