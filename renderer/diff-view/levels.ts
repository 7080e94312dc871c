/** A height on the left that corresponds to one on the right. */
export type Level = readonly [left: number, right: number]

/**
 * Maps heights of one drawing to the other, so that corresponding parts stay level while one pans: straight between known pairs, shifted
 * beyond them. Pairs that run against the order of the others are left out.
 */
export function levelMap(pairs: readonly Level[]): (y: number) => number {
  const levels = longestRising(pairs)
  const [first] = levels
  const last = levels.at(-1)
  if (!first || !last) return (y) => y
  return (y) => {
    if (y <= first[0]) return first[1] + (y - first[0])
    if (y >= last[0]) return last[1] + (y - last[0])
    const after = levels.findIndex(([left]) => left >= y)
    const [a, b] = [levels[after - 1]!, levels[after]!]
    return a[1] + ((y - a[0]) / (b[0] - a[0])) * (b[1] - a[1])
  }
}

/** The longest sequence of pairs that rises on both sides. */
function longestRising(pairs: readonly Level[]): Level[] {
  const sorted = [...pairs].sort((a, b) => a[0] - b[0] || b[1] - a[1])
  const ends: number[] = []
  const before: number[] = []
  for (const [at, [, right]] of sorted.entries()) {
    let length = ends.findIndex((end) => sorted[end]![1] >= right)
    if (length < 0) length = ends.length
    before[at] = length > 0 ? ends[length - 1]! : -1
    ends[length] = at
  }
  const rising: Level[] = []
  for (let at = ends.at(-1) ?? -1; at >= 0; at = before[at]!) rising.unshift(sorted[at]!)
  return rising
}
