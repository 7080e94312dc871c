import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { lineColumn, type Row, soundRows } from '../rows.ts'
import { classesInColumn, labelLike, metricFor, type Propose, splitsOf, withExtension } from './draft.ts'

/** Tokens that a sample is cut to where the model leaves the length open. */
const usualLength = 128

/** Lines or tables of text beside a `tokenizer.json`, for a model that takes token ids. */
export const proposeText: Propose = async (found, borders) => {
  const tokenizer = found.files.find((file) => basename(file) === 'tokenizer.json')
  const ids = borders.inputs.find(({ name }) => name === 'input_ids')
  const files = withExtension(found, ['.csv', '.tsv', '.jsonl', '.txt', '.parquet'])
  if (tokenizer === undefined || ids === undefined) return null
  const read = (await Promise.all(files.map(async (file) => ({ file, rows: await soundRows(join(found.folder, file)) })))).map(
    ({ file, rows }) => ({ file, rows, column: textColumn(rows) }),
  )
  const samples = read.filter(({ column }) => column !== null)
  // A file of single words is a vocabulary or a list of classes.
  const fitting = samples.filter(({ rows, column }) => rows.some((row) => /\s/.test(String(row[column as string]).trim())))
  if (fitting.length === 0) return null
  const names = fitting.map(({ file }) => file)
  const evaluation = fitting.find(({ file }) => file === splitsOf(names, undefined).splits.evaluation.file) as (typeof fitting)[number]
  const { rows, column } = evaluation
  const columns = Object.keys(rows[0] ?? {}).filter((name) => name !== column)
  const labels = columns.find((name) => labelLike.test(name))
  const { splits, because } = splitsOf(names, labels)
  const values = rows.map((row) => row[labels ?? ''])
  const form =
    labels === undefined
      ? null
      : { dims: [], whole: values.every((value) => !Number.isFinite(Number(value)) || Number.isInteger(Number(value))) }
  const { metric, why } = metricFor(form, borders)
  const { classes, because: whyClasses } = classesInColumn(
    labels === undefined ? [] : fitting.flatMap((file) => file.rows.map((row) => row[labels])),
    borders,
  )
  const fixed = ids.shape?.[1]
  const cut = await cutOf(join(found.folder, tokenizer))
  const maxLength = typeof fixed === 'number' ? fixed : (cut ?? usualLength)
  return {
    manifest: {
      ...{ lathe: 1, kind: 'text', ...splits, metric, tokenizer, maxLength },
      ...(classes === undefined ? {} : { classes }),
      ...(column === lineColumn ? {} : { column: column as string }),
      padding: typeof fixed === 'number' ? 'max' : 'longest',
    },
    because: [
      { at: 'kind', why: `there is a tokenizer, and the model takes 'input_ids'` },
      ...because,
      ...(column === lineColumn ? [] : [{ at: 'column', why: `'${column}' holds the longest texts` }]),
      ...(labels === undefined ? [] : [{ at: 'evaluation.labels', why: `'${labels}' is named like labels` }]),
      ...whyClasses,
      {
        at: 'maxLength',
        why: whyLength(fixed, cut),
      },
      { at: 'metric', why },
    ],
    files,
    columns,
  }
}

function whyLength(fixed: number | string | null | undefined, cut: number | null): string {
  if (typeof fixed === 'number') return 'the model fixes the length'
  return cut === null ? 'the model leaves the length open; longer texts are cut' : 'the tokenizer was saved to cut texts there'
}

/** Tokens that a tokenizer.json was saved to cut texts to; `null` where it was not. */
async function cutOf(path: string): Promise<number | null> {
  try {
    const { truncation } = JSON.parse(await readFile(path, 'utf8')) as { truncation?: { max_length?: unknown } | null }
    const length = truncation?.max_length
    return typeof length === 'number' && Number.isInteger(length) && length > 0 ? length : null
  } catch {
    return null
  }
}

const lookedAt = 100

/** The column whose texts are longest; `null` where none holds text. */
function textColumn(rows: readonly Row[]): string | null {
  const some = rows.slice(0, lookedAt)
  const lengthOf = (column: string) =>
    some.reduce((sum, row) => sum + (typeof row[column] === 'string' ? (row[column] as string).length : 0), 0)
  const isText = (column: string) => some.some((row) => typeof row[column] === 'string' && !Number.isFinite(Number(row[column])))
  const [longest] = Object.keys(some[0] ?? {})
    .filter(isText)
    .sort((a, b) => lengthOf(b) - lengthOf(a))
  return longest ?? null
}
