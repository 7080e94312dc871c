import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { parse } from 'csv-parse/sync'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { ProblemError } from '../api/problem.ts'

/** A row of a table or a line of text: values by column. */
export type Row = Readonly<Record<string, unknown>>

/** The column that plain lines of text become. */
export const lineColumn = 'text'

const readers: Readonly<Record<string, (path: string) => Promise<Row[]>>> = {
  '.csv': async (path) => parse(await readFile(path), { columns: true, skip_empty_lines: true, bom: true }) as Row[],
  '.tsv': async (path) =>
    parse(await readFile(path), { columns: true, skip_empty_lines: true, bom: true, delimiter: '\t', quote: null }) as Row[],
  '.jsonl': async (path) => (await linesOf(path)).map((line, index) => parseLine(line, index, path)),
  '.parquet': async (path) => (await parquetReadObjects({ file: await asyncBufferFromFile(path), compressors })) as Row[],
  '.txt': async (path) => (await linesOf(path)).map((line) => ({ [lineColumn]: line })),
}

/** The rows of a csv, tsv, jsonl, parquet or txt file (one sample a line), by its extension. */
export async function readRows(path: string): Promise<readonly Row[]> {
  const reader = readers[extname(path).toLowerCase()]
  if (reader === undefined)
    throw problem(
      path,
      'unknown-table',
      `The extension '${extname(path)}' is none of a table`,
      `Use one of ${Object.keys(readers).join(', ')}.`,
    )
  const rows = await reader(path).catch((error: unknown) => {
    if (error instanceof ProblemError) throw error
    throw problem(path, 'bad-table', `The table cannot be read: ${(error as Error).message}`, 'Mend the file at the place that is named.')
  })
  if (rows.length === 0) throw problem(path, 'no-samples', 'The table has no rows', 'Add samples to it.')
  return rows
}

/** Fails with the names of the columns that there are when one is missing. */
export function requireColumn(rows: readonly Row[], column: string, path: string): void {
  const columns = Object.keys(rows[0] ?? {})
  if (columns.includes(column)) return
  throw problem(path, 'missing-column', `The table has no column '${column}'`, `Name one of ${columns.join(', ')}.`)
}

async function linesOf(path: string): Promise<string[]> {
  return (await readFile(path, 'utf8')).split(/\r?\n/).filter((line) => line.trim() !== '')
}

function parseLine(line: string, index: number, path: string): Row {
  try {
    return JSON.parse(line) as Row
  } catch (error) {
    throw problem(path, 'bad-table', `Sample ${index} is not JSON: ${(error as Error).message}`, 'Write one JSON object a line.')
  }
}

const problem = (file: string, code: string, what: string, mend: string) =>
  new ProblemError({ kind: 'input', code, what, where: { file }, mend })
