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

export function TimeAxis({ longest }: { longest: number }) {
  const ticks = ticksOf(longest)
  return (
    <svg className="g" width="108" height="28" aria-label="Milliseconds" role="img">
      {ticks.map((tick, n) => (
        <g key={tick}>
          <text
            x={at(tick, longest)}
            y="17"
            textAnchor={n === 0 ? 'start' : n === ticks.length - 1 && at(tick, longest) > room - 20 ? 'end' : 'middle'}
          >
            {n === ticks.length - 1 ? `${short(tick)} ms` : short(tick)}
          </text>
          <path className="ax" d={`M${at(tick, longest)} 22v6`} />
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
