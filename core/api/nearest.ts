/** Up to three of `names` that look like what was typed, closest first. */
export function nearest(typed: string, names: readonly string[]): string[] {
  const limit = Math.max(2, Math.floor(typed.length / 3))
  return names
    .map((name) => ({ name, distance: likeness(typed.toLowerCase(), name.toLowerCase()) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance || a.name.localeCompare(b.name))
    .slice(0, 3)
    .map(({ name }) => name)
}

/** `Did you mean a or b?`, else the whole list. */
export function suggestion(typed: string, names: readonly string[]): string {
  const close = nearest(typed, names)
  if (close.length > 0) return `Did you mean ${close.join(' or ')}?`
  return names.length > 0 ? `There are: ${names.join(', ')}.` : 'There are none.'
}

/** Edit distance; a name that begins with what was typed is one step away. */
function likeness(typed: string, name: string): number {
  return typed.length >= 2 && name.startsWith(typed) ? 1 : editDistance(typed, name)
}

/** Damerau-Levenshtein (optimal string alignment): insertions, deletions, substitutions, and swaps of neighbours. */
function editDistance(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, (_, i) =>
    Array.from({ length: b.length + 1 }, (_, j) => (i === 0 ? j : j === 0 ? i : 0)),
  )
  for (let i = 1; i <= a.length; i += 1) {
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1]
      let best = Math.min(rows[i - 1]![j]! + 1, rows[i]![j - 1]! + 1, rows[i - 1]![j - 1]! + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, rows[i - 2]![j - 2]! + 1)
      rows[i]![j] = best
    }
  }
  return rows[a.length]![b.length]!
}
