import type { Paint } from './colours.ts'

/** Heat on a logarithmic scale: quiet for the smallest, full accent of caution for the largest. */
export function heatOf(values: ReadonlyMap<string, number>): Map<string, Paint> {
  const logs = [...values.values()].filter((value) => value > 0).map(Math.log10)
  const low = Math.min(...logs)
  const span = Math.max(...logs) - low || 1
  return new Map([...values].map(([key, value]) => [key, shade(value > 0 ? (Math.log10(value) - low) / span : 0)]))
}

function shade(share: number): Paint {
  const percent = Math.round(8 + share * 62)
  return { bar: 'var(--worse)', tint: `color-mix(in oklab, var(--worse) ${percent}%, var(--raised))` }
}
