import { readFile } from 'node:fs/promises'
import { Tokenizer } from '@huggingface/tokenizers'
import { ProblemError } from '../api/problem.ts'
import { tensorFrom } from '../ir/numbers.ts'
import type { SampleColumn } from '../runtime/session.ts'
import { brokenSamples } from './broken.ts'
import type { LoadedSplit } from './columns.ts'
import { labelsOfRows } from './labels.ts'
import type { LoadRequest } from './loaders.ts'
import { lineColumn, readRows, requireColumn, unlabelled } from './rows.ts'

/** One text as token ids, with the marks that models take beside them. */
interface Encoded {
  readonly ids: readonly number[]
  readonly types: readonly number[]
}

/** Tokenizes lines, csv or jsonl with a HuggingFace `tokenizer.json` into `input_ids`, `attention_mask` and `token_type_ids` (int64). */
export async function loadText({ file, split, manifest, store, skipBroken, limit }: LoadRequest): Promise<LoadedSplit> {
  const { dataset } = manifest
  if (dataset.kind !== 'text') throw new TypeError(`a ${dataset.kind} dataset is no text`)
  const table = await readRows(file)
  const rows = table.rows.slice(0, limit)
  const first = Object.keys(rows.find((_, at) => !table.broken.has(at)) ?? {})
  const column = dataset.column ?? (first.includes(lineColumn) ? lineColumn : (first[0] ?? lineColumn))
  requireColumn(table, column, file)
  if (split.labels !== undefined) requireColumn(table, split.labels, file)
  const vocabulary = await openTokenizer(await manifest.resolve(dataset.tokenizer, 'tokenizer'))
  const broken = brokenSamples(file, skipBroken)
  const started = performance.now()
  const encoded: Encoded[] = []
  const kept: number[] = []
  for (const [index, row] of rows.entries()) {
    const text = row[column]
    const why = table.broken.get(index) ?? (split.labels === undefined ? null : unlabelled(row, split.labels))
    if (why === null && typeof text === 'string' && text !== '') {
      encoded.push(vocabulary.encode(text, dataset.maxLength))
      kept.push(index)
    } else broken.add(String(index), why ?? `column '${column}' holds no text`)
  }
  const length = lengthFor(dataset.padding, encoded, dataset.maxLength, file)
  const preparationMs = performance.now() - started
  const padded = pad(encoded, length, vocabulary)
  const columns: SampleColumn[] = []
  for (const [name, values] of Object.entries(padded)) {
    const blob = await store.put(tensorFrom('int64', [values.length], values).read())
    columns.push({ name, dtype: 'int64', dims: [length], file: store.pathOf(blob.id), offset: 0 })
  }
  const labels = labelsOfRows(table.rows, kept, split.labels, { classes: dataset.classes, manifest: manifest.path })
  return { count: encoded.length, available: table.rows.length, columns, labels, notes: broken.notes(), preparationMs }
}

interface Vocabulary {
  /** Cut to `maxLength` tokens as the tokenizer itself would: marks at both ends stay. */
  encode(text: string, maxLength: number): Encoded
  decode(ids: readonly number[]): string
  readonly padId: number
  readonly padLeft: boolean
}

/** What we read of a tokenizer.json ourselves. */
interface TokenizerFile {
  readonly padding?: { readonly pad_id?: number; readonly direction?: string } | null
  readonly model?: { readonly type?: string; readonly unk_token?: string; readonly unk_id?: number }
}

/** Algorithms of the format; files older than their names leave the type out. */
const algorithms: ReadonlySet<string> = new Set(['BPE', 'WordPiece', 'WordLevel', 'Unigram'])

/** Word-level tokenizers give no id for words that they do not know: they mean the unknown token. */
function known({ ids, types }: Encoded, unknownId: number | undefined): Encoded {
  return { ids: (ids as readonly (number | undefined)[]).map((id) => id ?? unknownId ?? 0), types }
}

/** A tokenizer of HuggingFace's format, as samples are encoded with it. */
export async function openTokenizer(path: string): Promise<Vocabulary> {
  const broken = (why: string) =>
    new ProblemError({
      kind: 'format',
      code: 'bad-tokenizer',
      what: `The tokenizer cannot be used: ${why}`,
      where: { file: path },
      mend: 'Give the tokenizer.json that HuggingFace tokenizers saved.',
    })
  let tokenizer: Tokenizer
  let padding: TokenizerFile['padding'] | null
  let unknownId: number | undefined
  try {
    const document = JSON.parse(await readFile(path, 'utf8')) as TokenizerFile
    const type = document.model?.type
    if (type !== undefined && !algorithms.has(type)) throw new Error(`its algorithm '${type}' is none of ${[...algorithms].join(', ')}`)
    tokenizer = new Tokenizer(document, {})
    padding = document.padding ?? null
    unknownId = document.model?.unk_id ?? tokenizer.token_to_id(document.model?.unk_token ?? '')
  } catch (error) {
    throw broken((error as Error).message)
  }
  return {
    decode: (ids) => tokenizer.decode([...ids], { skip_special_tokens: false }),
    encode: (text, maxLength) => known(cut(tokenizer, text, maxLength), unknownId),
    padId: padding?.pad_id ?? tokenizer.token_to_id('[PAD]') ?? tokenizer.token_to_id('<pad>') ?? 0,
    padLeft: padding?.direction === 'Left',
  }
}

function cut(tokenizer: Tokenizer, text: string, maxLength: number): Encoded {
  const { ids, token_type_ids: types } = tokenizer.encode(text, { return_token_type_ids: true })
  if (ids.length <= maxLength) return { ids, types }
  const bare = tokenizer.encode(text, { add_special_tokens: false }).ids
  const before = ids.findIndex((_, at) => bare.every((id, i) => ids[at + i] === id))
  const surplus = ids.length - maxLength
  const end = Math.max(0, before) + bare.length
  const keep = (_: number, at: number) => at < end - surplus || at >= end
  return { ids: ids.filter(keep), types: types.filter(keep) }
}

function lengthFor(padding: 'max' | 'longest' | 'none', encoded: readonly Encoded[], maxLength: number, file: string): number {
  if (padding === 'max') return maxLength
  const lengths = new Set(encoded.map(({ ids }) => ids.length))
  if (padding === 'none' && lengths.size > 1) {
    const what = `Without padding the samples have ${lengths.size} different lengths, up to ${Math.max(...lengths)} tokens`
    throw new ProblemError({ kind: 'input', code: 'lengths-differ', what, where: { file }, mend: 'Set "padding" to "longest" or "max".' })
  }
  return Math.max(0, ...lengths)
}

function pad(encoded: readonly Encoded[], length: number, { padId, padLeft }: Vocabulary): Record<string, Float64Array> {
  const size = encoded.length * length
  const columns = {
    input_ids: new Float64Array(size).fill(padId),
    attention_mask: new Float64Array(size),
    token_type_ids: new Float64Array(size),
  }
  for (const [sample, { ids, types }] of encoded.entries()) {
    const from = sample * length + (padLeft ? length - ids.length : 0)
    columns.input_ids.set(ids, from)
    columns.attention_mask.fill(1, from, from + ids.length)
    columns.token_type_ids.set(types, from)
  }
  return columns
}
