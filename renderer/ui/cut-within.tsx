/** Letters at the end of a name that always stand. */
const kept = 7

/** A name that is cut within where it has no room: what tells `ConvBnFusion_W_276_57` from `ConvBnFusion_W_277_60` is its end. */
export function CutWithin({ text }: { text: string }) {
  if (text.length <= 2 * kept) return <span className="ell">{text}</span>
  return (
    <span className="cut-within">
      <span className="ell">{text.slice(0, -kept)}</span>
      <span>{text.slice(-kept)}</span>
    </span>
  )
}
