import { join } from 'node:path'
import { countOf } from '../../ir/tensor.ts'
import type { InputSpec } from '../columns.ts'
import { type Row, soundRows } from '../rows.ts'
import { type Borders, classesInColumn, labelLike, metricFor, type Propose, splitsOf, withExtension } from './draft.ts'

/** Tables of numbers, whose columns make up the inputs of the model. */
export const proposeTable: Propose = async (found, borders) => {
  const files = withExtension(found, ['.parquet', '.csv', '.tsv', '.jsonl'])
  const read = await Promise.all(files.map(async (file) => ({ file, rows: await soundRows(join(found.folder, file)) })))
  const fitting = read.flatMap(({ file, rows }) => {
    const columns = columnsFor(rows, borders)
    return columns === null ? [] : [{ file, rows, columns }]
  })
  if (fitting.length === 0) return null
  const names = fitting.map(({ file }) => file)
  const judged = fitting.find(({ file }) => file === splitsOf(names, undefined).splits.evaluation.file) as (typeof fitting)[number]
  const used = new Set(Object.values(judged.columns).flat())
  const others = Object.keys(judged.rows[0] ?? {}).filter((column) => !used.has(column))
  const labels = others.find((column) => labelLike.test(column)) ?? (others.length === 1 ? others[0] : undefined)
  const { splits, because } = splitsOf(names, labels)
  const isClass = (value: unknown) => !Number.isFinite(Number(value)) || Number.isInteger(Number(value))
  const form = labels === undefined ? null : { dims: [], whole: judged.rows.every((row) => isClass(row[labels])) }
  const { metric, why } = metricFor(form, borders)
  const { classes, because: whyClasses } = classesInColumn(
    labels === undefined ? [] : fitting.flatMap((file) => file.rows.map((row) => row[labels])),
    borders,
  )
  return {
    manifest: { lathe: 1, kind: 'table', ...splits, metric, ...(classes === undefined ? {} : { classes }), columns: judged.columns },
    because: [
      { at: 'kind', why: `'${judged.file}' is a table of numbers` },
      ...because,
      ...Object.entries(judged.columns).map(([input, columns]) => ({ at: `columns.${input}`, why: whyColumns(input, columns) })),
      ...(labels === undefined ? [] : [{ at: 'evaluation.labels', why: `'${labels}' is no input of the model` }]),
      ...whyClasses,
      { at: 'metric', why },
    ],
    files,
    columns: Object.keys(judged.rows[0] ?? {}),
  }
}

const whyColumns = (input: string, [first, ...more]: readonly string[]): string =>
  more.length === 0 && first === input
    ? 'the column has the name of the input'
    : 'as many columns of numbers, in their order, as the input is wide'

/** Columns for every input: those of its name, else as many columns of numbers as it is wide. `null` when they do not fill it. */
function columnsFor(rows: readonly Row[], { inputs }: Borders): Record<string, string[]> | null {
  const first = rows[0]
  if (first === undefined) return null
  const widths = new Map(Object.keys(first).map((column) => [column, widthOf(first[column])]))
  const found: Record<string, string[]> = {}
  for (const input of inputs) {
    const columns = widths.has(input.name) ? [input.name] : filling(input, widths, inputs)
    if (columns === null) return null
    found[input.name] = columns
  }
  return found
}

function filling(input: InputSpec, widths: ReadonlyMap<string, number>, inputs: readonly InputSpec[]): string[] | null {
  const dims = input.shape?.slice(1) ?? []
  const wanted = dims.every((dim) => typeof dim === 'number') ? countOf(dims as number[]) : null
  const names = new Set(inputs.map(({ name }) => name))
  const numbers = [...widths].filter(([column, width]) => width > 0 && !names.has(column) && !labelLike.test(column))
  // A list in one column that is just as wide.
  const list = numbers.find(([, width]) => width > 1 && (wanted === null || width === wanted))
  if (list !== undefined) return [list[0]]
  const single = numbers.filter(([, width]) => width === 1).map(([column]) => column)
  if (single.length === 0) return null
  return wanted === null ? single : single.length >= wanted ? single.slice(0, wanted) : null
}

/** How many numbers a cell holds; 0 for anything else. */
function widthOf(cell: unknown): number {
  if (Array.isArray(cell) || ArrayBuffer.isView(cell)) return Array.from(cell as Iterable<unknown>).length
  if (typeof cell === 'bigint' || typeof cell === 'boolean') return 1
  if (typeof cell === 'string') return cell.trim() !== '' && Number.isFinite(Number(cell)) ? 1 : 0
  return typeof cell === 'number' ? 1 : 0
}
