import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { type Options, parse } from 'csv-parse/sync'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { ProblemError } from '../api/problem.ts'

/** A row of a table or a line of text: values by column. */
export type Row = Readonly<Record<string, unknown>>

/** The rows of a file, one sample each. */
export interface Table {
  /** Empty where a row cannot be read, so that positions are those in the file. */
  readonly rows: readonly Row[]
  /** Positions of rows that cannot be read, and why. */
  readonly broken: ReadonlyMap<number, string>
}

/** The column that plain lines of text become. */
export const lineColumn = 'text'

const readers: Readonly<Record<string, (path: string) => Promise<Table>>> = {
  '.csv': (path) => delimited(path, {}),
  '.tsv': (path) => delimited(path, { delimiter: '\t', quote: null }),
  '.jsonl': async (path) => tableOf((await linesOf(path)).map(jsonRow)),
  '.parquet': async (path) => sound((await parquetReadObjects({ file: await asyncBufferFromFile(path), compressors })) as Row[]),
  '.txt': async (path) => sound((await linesOf(path)).map(({ text }) => ({ [lineColumn]: text }))),
}

const sound = (rows: readonly Row[]): Table => ({ rows, broken: new Map() })

/** @param rows rows, or why they are none */
function tableOf(rows: readonly (Row | string)[]): Table {
  const broken = new Map(rows.flatMap((row, at): [number, string][] => (typeof row === 'string' ? [[at, row]] : [])))
  return { rows: rows.map((row) => (typeof row === 'string' ? {} : row)), broken }
}

/** Files put together from several have lines of both kinds. */
const lineEnds = ['\r\n', '\n', '\r']

/** Fields by the names in the first row. A row of more or fewer fields is a broken one, not a broken file. */
async function delimited(path: string, dialect: Options): Promise<Table> {
  const options = {
    ...dialect,
    skip_empty_lines: true,
    bom: true,
    record_delimiter: lineEnds,
    relax_column_count: true,
    info: true,
  } as const
  const [header, ...records] = parse(await readFile(path), options) as unknown as { record: string[]; info: { lines: number } }[]
  const names = header?.record ?? []
  const twice = names.find((name, at) => name !== '' && names.indexOf(name) !== at)
  if (twice !== undefined) throw problem(path, 'bad-table', `Two columns are called '${twice}'`, 'Name every column once.')
  return tableOf(
    records.map(({ record, info: { lines } }) =>
      record.length === names.length
        ? Object.fromEntries(names.map((name, at) => [name, record[at]]))
        : `line ${lines} has ${record.length} ${record.length === 1 ? 'field' : 'fields'}, the header names ${names.length}`,
    ),
  )
}

/** The rows of a csv, tsv, jsonl, parquet or txt file (one sample a line), by its extension. */
export async function readRows(path: string): Promise<Table> {
  const reader = readers[extname(path).toLowerCase()]
  if (reader === undefined)
    throw problem(
      path,
      'unknown-table',
      `The extension '${extname(path)}' is none of a table`,
      `Use one of ${Object.keys(readers).join(', ')}.`,
    )
  const table = await reader(path).catch((error: unknown) => {
    if (error instanceof ProblemError) throw error
    throw problem(path, 'bad-table', `The table cannot be read: ${(error as Error).message}`, 'Mend the file at the place that is named.')
  })
  if (table.rows.length === 0) throw problem(path, 'no-samples', 'The table has no rows', 'Add samples to it.')
  return table
}

/** The rows that can be read; none of what is no table. */
export async function soundRows(path: string): Promise<readonly Row[]> {
  const { rows, broken } = await readRows(path).catch(() => sound([]))
  return rows.filter((_, at) => !broken.has(at))
}

/** Fails with the names of the columns that there are when no row has one. */
export function requireColumn({ rows }: Table, column: string, path: string): void {
  const columns = new Set(rows.flatMap((row) => Object.keys(row)))
  if (columns.has(column) || columns.size === 0) return
  throw problem(path, 'missing-column', `The table has no column '${column}'`, `Name one of ${[...columns].join(', ')}.`)
}

/** Why a row cannot be labelled, `null` when it can. */
export function unlabelled(row: Row | undefined, column: string): string | null {
  const label = row?.[column]
  const none = label === undefined || label === null || label === '' || Number.isNaN(label)
  return none ? `column '${column}' holds no label` : null
}

interface Line {
  readonly text: string
  /** From 1. */
  readonly number: number
}

async function linesOf(path: string): Promise<Line[]> {
  const lines = (await readFile(path, 'utf8')).replace(/^\uFEFF/, '').split(/\r?\n/)
  return lines.map((text, at) => ({ text, number: at + 1 })).filter(({ text }) => text.trim() !== '')
}

function jsonRow({ text, number }: Line): Row | string {
  try {
    const row: unknown = JSON.parse(text)
    return typeof row === 'object' && row !== null && !Array.isArray(row) ? (row as Row) : `line ${number} is no JSON object`
  } catch (error) {
    return `line ${number} is not JSON: ${(error as Error).message}`
  }
}

const problem = (file: string, code: string, what: string, mend: string) =>
  new ProblemError({ kind: 'input', code, what, where: { file }, mend })
