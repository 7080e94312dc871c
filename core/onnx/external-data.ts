import { existsSync, realpathSync, statSync } from 'node:fs'
import { isAbsolute, join, sep } from 'node:path'
import { type Place, ProblemError } from '../api/problem.ts'
import { attempt, type FileBlob, fileBlob } from './file-blob.ts'
import { graphProblem } from './problems.ts'
import type { EntryProto } from './schema.ts'
import type { Span } from './wire.ts'

/** Where a model's external data may lie, and the files that are open already. */
export interface ExternalFiles {
  /** Folder of the model; `null` when it came from memory and has none. */
  readonly folder: string | null
  /** Paths outside the folder that the user has confirmed, symbolic links resolved. */
  readonly allowed: ReadonlySet<string>
  readonly blobs: Map<string, FileBlob>
}

interface ExternalTensor {
  readonly label: string
  /** Bytes that type and dims ask for. */
  readonly length: number
  readonly files: ExternalFiles
}

/** The range of an external file that `external_data` of a tensor names. */
export function externalRange(entries: readonly EntryProto[], tensor: ExternalTensor): Span {
  const value = (key: string) => entries.find((entry) => entry.key === key)?.value
  const location = value('location')
  if (location === undefined || location === '')
    throw graphProblem('no-external-location', `Tensor '${tensor.label}' is external but names no file`, { tensor: tensor.label }, again)
  const offset = wholeNumber(value('offset'), 'offset', tensor.label) ?? 0
  const blob = externalBlob(location, tensor)
  const length = wholeNumber(value('length'), 'length', tensor.label) ?? tensor.length
  if (offset + length <= blob.size) return { blob, from: offset, to: offset + length }
  throw graphProblem(
    'external-data-too-short',
    `Tensor '${tensor.label}' needs the bytes ${offset} to ${offset + length} of '${location}', which has ${blob.size}`,
    { tensor: tensor.label },
    'The data file is cut off or belongs to another model: copy or download it again.',
  )
}

const again = 'Export the model again, with its external data beside it.'

function wholeNumber(text: string | undefined, key: string, label: string): number | undefined {
  if (text === undefined || text === '') return undefined
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(number)) return number
  throw graphProblem(
    'bad-external-entry',
    `The ${key} '${text}' of tensor '${label}' is no number of bytes that a file can have`,
    { tensor: label },
    again,
  )
}

function externalBlob(location: string, { label, files }: ExternalTensor): FileBlob {
  const known = files.blobs.get(location)
  if (known !== undefined) return known
  const path = confinedPath(location, label, files)
  if (!attempt(path, () => statSync(path)).isFile()) throw notAFile(path, location, label)
  const blob = fileBlob(path)
  files.blobs.set(location, blob)
  return blob
}

/**
 * The file that a location means. It must lie in the model's folder, symbolic links resolved; the problem `external-path-outside`
 * carries the resolved path in `details`, so that a host can ask the user and open again with `allowExternal`.
 */
function confinedPath(location: string, label: string, files: ExternalFiles): string {
  const where: Place = { tensor: label }
  if (files.folder === null)
    throw graphProblem(
      'no-folder',
      `Tensor '${label}' lies in '${location}', but a model in memory has no folder`,
      where,
      'Open it by path.',
    )
  if (location.includes('\0')) throw graphProblem('bad-external-entry', `The location of tensor '${label}' is no file name`, where, again)
  const path = isAbsolute(location) ? location : join(files.folder, location)
  if (!existsSync(path)) throw missing(path, location, where)
  const resolved = attempt(path, () => realpathSync(path))
  const folder = realpathSync(files.folder)
  const inside = resolved.startsWith(folder.endsWith(sep) ? folder : folder + sep)
  if (inside && !isAbsolute(location) && !location.split(/[\\/]/).includes('..')) return path
  if (files.allowed.has(resolved)) return path
  throw new ProblemError({
    kind: 'graph',
    code: 'external-path-outside',
    what: inside
      ? `Tensor '${label}' lies in '${location}': absolute paths and '..' are followed only on request (${resolved})`
      : `Tensor '${label}' lies in '${location}', outside the folder of the model (${resolved})`,
    where,
    mend: 'Copy the file beside the model, or confirm that you trust it and open the model again (on the command line: --allow-external).',
    details: resolved,
  })
}

/** Paths as a user gave them, made comparable. One that is not there allows nothing. */
export const confirmed = (paths: readonly string[] = []): ReadonlySet<string> =>
  new Set(paths.filter((path) => existsSync(path)).map((path) => realpathSync(path)))

const notAFile = (file: string, location: string, tensor: string): ProblemError =>
  new ProblemError({
    kind: 'file',
    code: 'not-a-file',
    what: `The weights of tensor '${tensor}' are in '${location}', which is no file`,
    where: { file, tensor },
    mend: 'Put the data file beside the model: copy or download both together.',
  })

const missing = (path: string, location: string, where: Place) =>
  graphProblem(
    'missing-external-file',
    `The weights of tensor '${where.tensor}' are in '${location}', which is not there (${path})`,
    where,
    'Put the data file beside the model: copy or download both together.',
  )
