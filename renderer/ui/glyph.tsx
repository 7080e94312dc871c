/** Signs that many text fonts lack, drawn in the colour and size of the text around them. */
const shapes = {
  less: <path d="M1 3h8L5 8z" />,
  more: <path d="M1 7.5h8L5 2.5z" />,
  to: <path className="line" d="M0 5h9M6 2l3 3-3 3" />,
  fused: <path className="line" d="M2 2h3.5a3 3 0 010 6H2" />,
  added: <path className="line" d="M5 1.5v7M1.5 5h7" />,
  removed: <path className="line" d="M1.5 5h7" />,
  changed: <path className="line" d="M1.5 3.5h7M1.5 6.5h7M7 1L3 9" />,
  same: <path className="line" d="M1.5 3.5h7M1.5 6.5h7" />,
  passed: <path className="line" d="M1.5 5.5l2.5 2.5 4.5-6" />,
  enter: <path className="line" d="M8.5 2v3.5h-7M4 3L1.5 5.5 4 8" />,
} as const
export type GlyphName = keyof typeof shapes

export function Glyph({ name }: { name: GlyphName }) {
  return (
    <svg className="glyph" viewBox="0 0 10 10" aria-hidden="true">
      {shapes[name]}
    </svg>
  )
}

/** `379 → 165` */
export function FromTo({ from, to }: { from: React.ReactNode; to: React.ReactNode }) {
  return (
    <>
      {from} <Glyph name="to" /> {to}
    </>
  )
}
