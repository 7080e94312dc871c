import { readdir, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { ProblemError } from '../api/problem.ts'
import type { Borders, Draft, FolderFiles, Propose } from './propose/draft.ts'
import { proposeImages } from './propose/images.ts'
import { proposeNpz } from './propose/npz.ts'
import { proposeTable } from './propose/table.ts'
import { proposeText } from './propose/text.ts'

/** In this order: what is most clearly meant for the model first. */
const kinds: readonly Propose[] = [proposeNpz, proposeText, proposeImages, proposeTable]

/**
 * Proposes a dataset manifest from a model's inputs and what lies in a folder, with the reason of every choice.
 * @throws ProblemError `no-data` when nothing in the folder fits the model, with what was found and what the model takes
 */
export async function proposeManifest(folder: string, borders: Borders): Promise<Draft> {
  const found = await filesIn(folder)
  for (const propose of kinds) {
    const draft = await propose(found, borders)
    if (draft !== null) return draft
  }
  const takes = borders.inputs.map(({ name, dtype, shape }) => `${name}: ${dtype}[${shape?.map((dim) => dim ?? '?').join(', ') ?? '...'}]`)
  throw new ProblemError({
    kind: 'input',
    code: 'no-data',
    what: `Nothing in the folder fits the model, which takes ${takes.join(', ')}`,
    where: { file: folder },
    mend: 'Put there an .npz with arrays named like the inputs, images, a table of as many columns, or texts beside a tokenizer.json.',
    details: found.files.length === 0 ? 'The folder is empty.' : `Found: ${found.files.slice(0, 20).join(', ')}`,
  })
}

/** Deeper files are somebody else's. */
const deepest = 4
const mostFiles = 100_000

async function filesIn(folder: string): Promise<FolderFiles> {
  const is = await stat(folder).catch(() => null)
  if (is === null || !is.isDirectory())
    throw new ProblemError({
      kind: 'input',
      code: 'no-folder',
      what: is === null ? 'The folder does not exist' : 'This is a file, not a folder',
      where: { file: folder },
      mend: 'Give the folder that holds the samples.',
    })
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((file) => file.split('/').length <= deepest)
    .sort()
  return { folder, files: files.slice(0, mostFiles) }
}
