import { stripVTControlCharacters } from 'node:util'

export interface Column {
  readonly title: string
  /** Figures stand to the right so that their digits line up. */
  readonly align?: 'left' | 'right'
  /** Most characters a cell may take. */
  readonly most?: number
  /** What of a longer cell is left out: the middle unless given. */
  readonly cut?: 'head' | 'middle'
  /** Columns that are left out where there is no room, the highest first. */
  readonly expendable?: number
}

/** Rows as aligned text: a header, a rule, and lines without trailing blanks. Cells may hold colours. `room` is the width of the terminal. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], room = Number.POSITIVE_INFINITY): string {
  const cells = rows.map((row) => columns.map((column, at) => shorten(row[at] ?? '', column.most, column.cut)))
  const widths = columns.map((column, at) => Math.max(width(column.title), ...cells.map((row) => width(row[at]!))))
  const kept = fitting(columns, widths, room)
  const line = (row: readonly string[]) =>
    kept
      .map((at) => pad(row[at]!, widths[at]!, columns[at]!.align ?? 'left'))
      .join(gap)
      .trimEnd()
  return [line(columns.map(({ title }) => title)), line(widths.map((size) => '─'.repeat(size))), ...cells.map(line)].join('\n')
}

const gap = '  '

/** Positions of the columns that fit into the room, all of them when even the needed ones do not. */
function fitting(columns: readonly Column[], widths: readonly number[], room: number): number[] {
  let kept = columns.map((_, at) => at)
  const needs = () => kept.reduce((sum, at) => sum + widths[at]! + gap.length, -gap.length)
  const expendable = kept
    .filter((at) => columns[at]!.expendable !== undefined)
    .sort((a, b) => columns[b]!.expendable! - columns[a]!.expendable!)
  for (const dropped of expendable) {
    if (needs() <= room) break
    kept = kept.filter((at) => at !== dropped)
  }
  return kept
}

/** Name and value lines: `nodes   137`. */
export function pairs(rows: readonly (readonly [string, string])[]): string {
  const widest = Math.max(...rows.map(([name]) => width(name)))
  return rows.map(([name, value]) => `${pad(name, widest, 'left')}  ${value}`).join('\n')
}

/** Leaves out the middle, where long texts say least, or the head, where names of modules do. */
export function shorten(text: string, most = Number.POSITIVE_INFINITY, cut: 'head' | 'middle' = 'middle'): string {
  if (width(text) <= most) return text
  const plain = [...stripVTControlCharacters(text)]
  const head = cut === 'head' ? 0 : Math.ceil((most - 1) / 2)
  return `${plain.slice(0, head).join('')}…${plain.slice(plain.length - (most - 1 - head)).join('')}`
}

function width(text: string): number {
  return [...stripVTControlCharacters(text)].length
}

function pad(text: string, size: number, align: 'left' | 'right'): string {
  const blanks = ' '.repeat(Math.max(0, size - width(text)))
  return align === 'right' ? blanks + text : text + blanks
}
