import type { Part } from '../stores/past-runs.ts'

export interface ProfileScale {
  /** Pixels of one millisecond. */
  readonly length: number
  /** Pixels of the square root of one byte: the turned piece shows size as area. */
  readonly radius: number
}

const thinnest = 3

/** One scale for both versions, so that what became smaller looks smaller. */
export function scaleFor(versions: readonly (readonly Part[])[], room: { readonly width: number; readonly radius: number }): ProfileScale {
  const longest = Math.max(...versions.map((parts) => parts.reduce((sum, { ms }) => sum + ms, 0)), 1e-9)
  const largest = Math.max(...versions.flatMap((parts) => parts.map(({ bytes }) => bytes)), 1)
  return { length: room.width / longest, radius: (room.radius - thinnest) / Math.sqrt(largest) }
}

export interface Profile {
  /** Outline of the turned piece around the axis `y = 0`, beginning at `x = 0`. */
  readonly path: string
  /** Where one layer ends and the next begins, with the smaller of both radii. */
  readonly joints: readonly { readonly x: number; readonly radius: number }[]
  readonly width: number
}

/** A version as a turned piece: each layer a section, its length the time, its radius the size on disk. */
export function profileOf(parts: readonly Part[], { length, radius }: ProfileScale): Profile {
  let x = 0
  const upper: string[] = []
  const lower: string[] = []
  const joints: { x: number; radius: number }[] = []
  let before = 0
  for (const { ms, bytes } of parts) {
    const r = thinnest + Math.sqrt(bytes) * radius
    const end = x + ms * length
    upper.push(`L${round(x)} ${round(-r)}L${round(end)} ${round(-r)}`)
    lower.unshift(`L${round(end)} ${round(r)}L${round(x)} ${round(r)}`)
    if (x > 0) joints.push({ x, radius: Math.min(before, r) })
    before = r
    x = end
  }
  return { path: `M0 0${upper.join('')}${lower.join('')}z`, joints, width: x }
}

const round = (value: number) => Math.round(value * 10) / 10
