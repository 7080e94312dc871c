import type { Figure } from './figures.ts'

/** What a figure was before, struck out: with its unit only where that is another than that of the figure behind it. */
export function Struck({ before, after }: { before: Figure; after: Figure }) {
  return <s>{before.unit === after.unit ? before.value : `${before.value} ${before.unit}`}</s>
}

/** A figure with its unit set quietly behind it. */
export function Num({ figure, strong = false }: { figure: Figure; strong?: boolean }) {
  return (
    <>
      {strong ? <b>{figure.value}</b> : figure.value}
      {figure.unit && <i className="u"> {figure.unit}</i>}
    </>
  )
}
