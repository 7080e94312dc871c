import { stripVTControlCharacters } from 'node:util'

export interface Column {
  readonly title: string
  /** Figures stand to the right so that their digits line up. */
  readonly align?: 'left' | 'right'
  /** Most characters a cell may take; longer ones lose their middle. */
  readonly most?: number
}

/** Rows as aligned text: a header, a rule, and lines without trailing blanks. Cells may hold colours. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => columns.map((column, at) => shorten(row[at] ?? '', column.most)))
  const widths = columns.map((column, at) => Math.max(width(column.title), ...cells.map((row) => width(row[at]!))))
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => pad(cell, widths[at]!, columns[at]!.align ?? 'left'))
      .join('  ')
      .trimEnd()
  return [line(columns.map(({ title }) => title)), widths.map((size) => '─'.repeat(size)).join('  '), ...cells.map(line)].join('\n')
}

/** Name and value lines: `nodes   137`. */
export function pairs(rows: readonly (readonly [string, string])[]): string {
  const widest = Math.max(...rows.map(([name]) => width(name)))
  return rows.map(([name, value]) => `${pad(name, widest, 'left')}  ${value}`).join('\n')
}

/** Cuts the middle, where long names of layers say least. */
export function shorten(text: string, most = Number.POSITIVE_INFINITY): string {
  if (width(text) <= most) return text
  const plain = [...stripVTControlCharacters(text)]
  const head = Math.ceil((most - 1) / 2)
  return `${plain.slice(0, head).join('')}…${plain.slice(plain.length - (most - 1 - head)).join('')}`
}

function width(text: string): number {
  return [...stripVTControlCharacters(text)].length
}

function pad(text: string, size: number, align: 'left' | 'right'): string {
  const blanks = ' '.repeat(Math.max(0, size - width(text)))
  return align === 'right' ? blanks + text : text + blanks
}
