const room = 100

/** A round step that divides the axis in two or three. */
export function stepOf(longest: number): number {
  const raw = longest / 2.6
  const power = 10 ** Math.floor(Math.log10(raw))
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= raw * 0.999) ?? power
}

export const ticksOf = (longest: number): number[] => {
  const step = stepOf(longest)
  return Array.from({ length: Math.floor((longest * 1.02) / step) + 1 }, (_, n) => n * step)
}

const short = (value: number) => String(Number(value.toPrecision(2)))

const at = (value: number, longest: number) => 1 + (value / longest) * (room - 8)

interface Tick {
  readonly at: number
  /** Empty where the text would stand in that of the last tick, which names the unit. */
  readonly text: string
  readonly anchor: 'start' | 'middle' | 'end'
}

/** Average advance of the axis' 11 px figures. */
const advance = 6.2

/** The ticks of the axis with the texts that have room beside each other. */
export function axisTicks(longest: number): Tick[] {
  const ticks = ticksOf(longest)
  const last = ticks.length - 1
  const all = ticks.map((tick, n): Tick => {
    const text = n === last ? `${short(tick)} ms` : short(tick)
    const x = at(tick, longest)
    const anchor = n === 0 ? 'start' : x + (text.length * advance) / 2 > room ? 'end' : 'middle'
    return { at: x, text, anchor }
  })
  const span = ({ at, text, anchor }: Tick): [number, number] => {
    const width = text.length * advance
    const from = anchor === 'start' ? at : anchor === 'end' ? at - width : at - width / 2
    return [from, from + width]
  }
  const [unit] = span(all[last]!)
  return all.map((tick, n) => (n < last && span(tick)[1] + 4 > unit ? { ...tick, text: '' } : tick))
}

export function TimeAxis({ longest }: { longest: number }) {
  return (
    <svg className="g" width="108" height="28" aria-label="Milliseconds" role="img">
      {axisTicks(longest).map(({ at: x, text, anchor }) => (
        <g key={x}>
          <text x={anchor === 'end' ? room + 6 : x} y="17" textAnchor={anchor}>
            {text}
          </text>
          <path className="ax" d={`M${x} 22v6`} />
        </g>
      ))}
    </svg>
  )
}

/** Source above, candidate below, on the axis of the column's head. */
export function TimeBars({ before, after, longest }: { before: number | null; after: number | null; longest: number }) {
  return (
    <svg className="g" width="108" height="23" aria-hidden="true">
      {ticksOf(longest).map((tick) => (
        <path key={tick} className="ax" d={`M${at(tick, longest)} 0v23`} />
      ))}
      {before !== null && <rect className="base" x="1" y="6" width={Math.max(1, at(before, longest) - 1)} height="4.5" />}
      {after !== null && <rect className="cand-bar" x="1" y="12.5" width={Math.max(1, at(after, longest) - 1)} height="4.5" />}
    </svg>
  )
}
