import { type Dirent, readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Recent } from '../api/contract.ts'
import type { Host } from '../engine/router.ts'
import { fileHost } from './file-host.ts'
import type { EngineSettings } from './messages.ts'
import type { Reach } from './reach.ts'

/** Models of folders given at start that are listed; how deep and in how many folders they are looked for. */
const mostListed = 40
const deepest = 2
const mostFolders = 500

/** What a page is told of files: the samples, what it may open of what was open before or given at start, and its uploads. */
export function pageHost({ samples, store, uploads, given }: EngineSettings, reach: Reach): Host {
  const files = fileHost({ samples, store })
  return {
    ...files,
    async recents() {
      const known = (await files.recents()).filter(({ path }) => reach.reads(path))
      const fresh = modelsIn(given).filter((path) => !known.some((one) => one.path === path))
      return [...known, ...fresh.map(notOpened)]
    },
    async noteOpened(recent) {
      // Uploads end with the host: there would be nothing to open again.
      if (!recent.path.startsWith(uploads)) await files.noteOpened(recent)
    },
    uploaded: (upload) => uploadedModel(uploads, upload),
  }
}

/** Models in the places given at start, those that lie least deep first. */
function modelsIn(places: readonly string[]): string[] {
  const models = places.filter((place) => isModel(place) && statSync(place, { throwIfNoEntry: false })?.isFile())
  let folders = places.filter((place) => statSync(place, { throwIfNoEntry: false })?.isDirectory())
  for (let depth = 0, looked = 0; depth <= deepest && models.length < mostListed; depth++) {
    const entries = folders.slice(0, mostFolders - looked).flatMap(entriesOf)
    looked += folders.length
    models.push(...entries.filter((entry) => entry.isFile() && isModel(entry.name)).map(pathOf))
    folders = looked < mostFolders ? entries.filter((entry) => entry.isDirectory() && entry.name !== 'node_modules').map(pathOf) : []
  }
  return models.slice(0, mostListed)
}

const pathOf = ({ parentPath, name }: Dirent): string => join(parentPath, name)

/** What is not hidden in a folder; nothing where the user may not look. */
function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).filter(({ name }) => !name.startsWith('.'))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EACCES' || code === 'EPERM' || code === 'ENOENT') return []
    throw error
  }
}

const isModel = (path: string): boolean => /\.(onnx|tflite)$/i.test(path)

const notOpened = (path: string): Recent => ({ path, name: basename(path), bytes: statSync(path).size, openedAt: null })

/** An upload is a folder of the files that were dropped together; its model is the one .onnx file in it. */
function uploadedModel(uploads: string, upload: string): string | null {
  if (!/^[0-9a-f-]{36}$/.test(upload)) return null
  const folder = join(uploads, upload)
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return null
  const model = readdirSync(folder).find(isModel)
  return model === undefined ? null : join(folder, model)
}
