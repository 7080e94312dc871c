import type { Figure } from './figures.ts'

/** A figure with its unit set quietly behind it. */
export function Num({ figure, strong = false }: { figure: Figure; strong?: boolean }) {
  return (
    <>
      {strong ? <b>{figure.value}</b> : figure.value}
      {figure.unit && <i className="u"> {figure.unit}</i>}
    </>
  )
}
