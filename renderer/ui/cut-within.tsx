/** Numbers at the end, by which names of one kind differ: `_277_60` of `ConvBnFusion_W_277_60`. */
const counted = /(?:[._-]?\d+)+$/

/** A name that is cut where it has no room, but before the numbers that tell it from its like. */
export function CutWithin({ text }: { text: string }) {
  const from = counted.exec(text)?.index ?? text.length
  if (from === text.length || from === 0) return <span className="ell">{text}</span>
  return (
    <span className="cut-within">
      <span className="ell">{text.slice(0, from)}</span>
      <span>{text.slice(from)}</span>
    </span>
  )
}
