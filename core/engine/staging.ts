import { existsSync } from 'node:fs'
import { readdir, rename, rm, rmdir } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { asFileProblem } from '../onnx/file-blob.ts'
import { makeScratch, removeStaleScratch } from '../store/scratch.ts'
import { outputFolder, type Wanted } from './output-folder.ts'

/** Files on their way into a folder: they lie beside their places until all of them are whole. */
export interface Staging {
  /** Where to write them, laid out as in the folder. */
  readonly folder: string
  /** Moves all of them to their places, over older ones, and gives their paths. */
  publish(): Promise<string[]>
  /** Removes what was not published; the folder too when it was made for this and is empty. */
  discard(): Promise<void>
}

/**
 * A place on the same disk as `target` for files that belong together, so that whoever is stopped leaves the older set as it was, not half of
 * each. What a killed process left there is removed.
 */
export async function openStaging(target: string, wanted: Wanted): Promise<Staging> {
  const made = !existsSync(target)
  await outputFolder(target, wanted)
  const root = join(target, '.lathe')
  await removeStaleScratch(root)
  const { path: folder, remove } = await makeScratch(root, 'output').catch((error) => Promise.reject(asFileProblem(error, target)))
  return {
    folder,
    async publish() {
      const files = (await filesIn(folder)).sort((a, b) => rank(a) - rank(b))
      await removeOldWeights(files, target)
      for (const file of files) await move(join(folder, file), join(target, file), wanted)
      return files.map((file) => join(target, file))
    },
    async discard() {
      await remove()
      // Another run may write to the same folder.
      await rmdir(root).catch(() => undefined)
      if (made) await rmdir(target).catch(() => undefined)
    },
  }
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)))
}

/** Weights before the model that needs them; the report, which tells of all, at the end. */
const order = ['.onnx.data', '.onnx', '.tflite', 'lineage.json', 'pipeline.json', 'report.html', 'report.md', 'report.json']
const rank = (file: string): number => order.findIndex((ending) => file.endsWith(ending))

/** Weights beside a model that is replaced by one without. Only where the older set is one of ours: another model may read a user's file. */
async function removeOldWeights(files: readonly string[], target: string): Promise<void> {
  const models = files.filter((file) => file.endsWith('.onnx') && !files.includes(`${file}.data`))
  for (const model of models) {
    const lineage = join(dirname(model), 'lineage.json')
    if (files.includes(lineage) && existsSync(join(target, lineage))) await rm(join(target, `${model}.data`), { force: true })
  }
}

async function move(from: string, to: string, wanted: Wanted): Promise<void> {
  await outputFolder(dirname(to), wanted)
  await rename(from, to).catch((error) => Promise.reject(asFileProblem(error, to)))
}
