/** Drawings on a 14 px grid, one stroke; `mark` is the sign of Lathe on 18 px. */
const paths = {
  find: 'M6 2.2a3.8 3.8 0 1 0 0 7.6a3.8 3.8 0 1 0 0-7.6M9 9l3.2 3.2',
  down: 'M4 5.5L7 8.5l3-3',
  right: 'M5.5 4l3 3-3 3',
  run: 'M4 2.8v8.4L11 7z',
  stop: 'M3.8 3.8h6.4v6.4H3.8z',
  out: 'M7 8.5V2M4.4 4.4L7 1.8l2.6 2.6M2.5 8v3.5h9V8',
  ok: 'M2.8 7.4l2.8 2.8 5.6-6.2',
  link: 'M5.8 8.2l2.4-2.4M6.4 4.4l1.3-1.3a2.2 2.2 0 013.2 3.2L9.6 7.6M7.6 9.6l-1.3 1.3a2.2 2.2 0 01-3.2-3.2l1.3-1.3',
  caution: 'M7 2.2L12.3 11.6H1.7zM7 5.6v2.8M7 10v.1',
  open: 'M1.8 11.2V3h3.6l1.3 1.6h5.5v6.6z',
  drop: 'M7 1.8v6.4M4.4 5.8L7 8.4l2.6-2.6M2.2 9v3h9.6V9',
  fit: 'M2 5V2h3M9 2h3v3M12 9v3H9M5 12H2V9',
  close: 'M3.5 3.5l7 7M10.5 3.5l-7 7',
  passes: 'M2 3.5h10M2 7h10M2 10.5h6',
  undo: 'M5 3L2.5 5.5 5 8M2.5 5.5h5.7a3 3 0 010 6H5.5',
  redo: 'M9 3l2.5 2.5L9 8M11.5 5.5H5.8a3 3 0 000 6h2.7',
  copy: 'M4.5 4.5v-2h7v7h-2M2.5 4.5h7v7h-7z',
  plus: 'M7 3v8M3 7h8',
  theme: 'M7 2v10A5 5 0 007 2zM7 2a5 5 0 000 10',
  more: 'M3 7h.1M7 7h.1M11 7h.1',
  mark: 'M2.5 4v10M2.5 4.5h4v2h4v1.5h5v2h-5v1.5h-4v2h-4',
} as const
export type IconName = keyof typeof paths

export function Icon({ name, className = '', size }: { name: IconName; className?: string; size?: number }) {
  const style = size === undefined ? undefined : { width: size, height: size }
  const box = name === 'mark' ? 18 : 14
  return (
    <svg className={`ic ${className}`} viewBox={`0 0 ${box} ${box}`} style={style} aria-hidden="true">
      {name === 'mark' && <path d="M1 9h16" strokeDasharray="2.4 1.4 .8 1.4" />}
      <path d={paths[name]} fill={name === 'run' || name === 'stop' ? 'currentColor' : undefined} />
    </svg>
  )
}
