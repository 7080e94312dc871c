import { plain, three } from './figures.ts'

const size = { width: 276, height: 52 }

/** Counts of equal bins between two values, with the bounds below. */
export function Histogram({ counts, min, max, label }: { counts: readonly number[]; min: number; max: number; label: string }) {
  const most = Math.max(1, ...counts)
  const step = size.width / Math.max(1, counts.length)
  return (
    <figure className="histogram">
      <svg viewBox={`0 0 ${size.width} ${size.height}`} width="100%" role="img" aria-label={label} preserveAspectRatio="none">
        {counts.map((count, bin) => {
          const height = count === 0 ? 0 : Math.max(1, (count / most) * (size.height - 2))
          // biome-ignore lint/suspicious/noArrayIndexKey: a bin has no other name than its place
          return <rect key={bin} x={bin * step + 0.5} y={size.height - height} width={Math.max(0.5, step - 1)} height={height} />
        })}
        <path d={`M0 ${size.height - 0.5}H${size.width}`} />
      </svg>
      <figcaption>
        <span>{three(min)}</span>
        <span className="t3">{plain(most)} in the fullest bin</span>
        <span>{three(max)}</span>
      </figcaption>
    </figure>
  )
}
