/** Where the name of a point stands. */
export interface Label {
  readonly x: number
  readonly y: number
  readonly anchor: 'start' | 'end'
}

interface Point {
  readonly x: number
  readonly y: number
  readonly text: string
}

/** Average advance and height of the 11 px names. */
const advance = 6.4
const height = 12

/** Names beside their points: above at the right if that is free and inside the frame, else one of the other corners. */
export function placeLabels(points: readonly Point[], width: number): Label[] {
  const taken: { left: number; right: number; y: number }[] = []
  return points.map(({ x, y, text }) => {
    const corners = [
      { x: x + 9, y: y - 6, anchor: 'start' },
      { x: x - 9, y: y - 6, anchor: 'end' },
      { x: x + 9, y: y + 15, anchor: 'start' },
      { x: x - 9, y: y + 15, anchor: 'end' },
    ] as const
    const spanOf = (corner: Label) => {
      const length = text.length * advance
      const left = corner.anchor === 'start' ? corner.x : corner.x - length
      return { left, right: left + length, y: corner.y }
    }
    const free = corners.find((corner) => {
      const span = spanOf(corner)
      const inside = span.left >= 0 && span.right <= width
      return inside && !taken.some((other) => span.left < other.right && other.left < span.right && Math.abs(span.y - other.y) < height)
    })
    const label = free ?? corners[0]
    taken.push(spanOf(label))
    return label
  })
}
