import { readFile, realpath } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, sep } from 'node:path'
import type { z } from 'zod'
import { type Dataset, datasetSchema } from '../api/dataset.ts'
import { ProblemError } from '../api/problem.ts'

/** A dataset manifest that was read and checked. */
export interface Manifest {
  readonly path: string
  readonly dataset: Dataset
  /** Absolute path of a file or folder that the manifest names; a `Problem` when it is missing or outside the manifest's folder. */
  resolve(name: string, at: string): Promise<string>
}

/** Reads a manifest. Every mistake is a `Problem` with the path to it inside the document. */
export async function readManifest(path: string): Promise<Manifest> {
  const document = parseJson(await textOf(path), path)
  return manifestOf(document, path)
}

/** A manifest that is to lie at a path, checked like one that does. */
export function manifestOf(document: unknown, path: string): Manifest {
  const parsed = datasetSchema.safeParse(document)
  if (!parsed.success) throw invalid(parsed.error.issues, path)
  return { path, dataset: parsed.data, resolve: (name, at) => resolveInside({ manifest: path, name, at }) }
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const place = { manifest: path, at: undefined, details: (error as Error).message }
    throw problem(
      place,
      'no-manifest',
      'The dataset manifest cannot be read',
      'Give the path of a dataset.json; `lathe data MODEL FOLDER` proposes one for what lies in a folder.',
    )
  }
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const place = { manifest: path, at: undefined, details: (error as Error).message }
    throw problem(place, 'bad-json', 'The dataset manifest is not JSON', 'Mend the syntax at the place that the details name.')
  }
}

function invalid(issues: readonly z.core.$ZodIssue[], path: string): ProblemError {
  const issue = issues[0] as z.core.$ZodIssue
  const key = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined
  const at = pathText(key === undefined ? issue.path : [...issue.path, key])
  const place = { manifest: path, at, details: issues.map((each) => `${pathText(each.path)}: ${each.message}`).join('\n') }
  if (key !== undefined) return problem(place, 'unknown-key', `A dataset manifest has no key '${at}'`, 'Remove it, or mend its spelling.')
  return problem(place, 'bad-manifest', `The dataset manifest does not fit at '${at}': ${issue.message}`, 'Mend the value there.')
}

const pathText = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? String(part) : `${text}.${String(part)}`),
    '',
  )

interface Reference {
  readonly manifest: string
  readonly name: string
  /** Path of the key that names the file. */
  readonly at: string
}

async function resolveInside({ manifest, name, at }: Reference): Promise<string> {
  const place = { manifest, at }
  if (isAbsolute(name))
    throw problem(place, 'path-not-relative', `'${name}' is an absolute path`, 'Paths in a manifest are relative to it.')
  const path = join(dirname(manifest), name)
  const [folder, real] = await Promise.all([realpath(dirname(manifest)), realpath(path).catch(() => null)])
  const inside = relative(folder, real ?? join(folder, name))
  if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) {
    const what = `'${name}' lies outside the folder of the manifest${real === null ? '' : ` (at ${real})`}`
    throw problem(place, 'path-outside', what, 'Put the data beside the manifest, or the manifest beside the data.')
  }
  if (real === null) throw problem(place, 'missing-file', `'${name}' does not exist beside the manifest`, 'Mend the path, or add the file.')
  return real
}

function problem(
  place: { manifest: string; at: string | undefined; details?: string },
  code: string,
  what: string,
  mend: string,
): ProblemError {
  const where = { file: place.manifest, ...(place.at === undefined ? {} : { path: place.at }) }
  return new ProblemError({ kind: 'input', code, what, where, mend, ...(place.details === undefined ? {} : { details: place.details }) })
}
