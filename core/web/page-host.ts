import { type Dirent, readdirSync, statSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import type { Recent } from '../api/contract.ts'
import type { Host } from '../engine/router.ts'
import { fileHost } from './file-host.ts'
import type { EngineSettings } from './messages.ts'
import type { Reach } from './reach.ts'

/** Models of folders given at start that are listed; how deep and in how many folders they are looked for. */
const mostListed = 100
const deepest = 2
const mostFolders = 500

/** What a page is told of files: the samples, what it was given at start and may open of what was open before, and its uploads. */
export function pageHost({ samples, store, uploads, given }: EngineSettings, reach: Reach): Host {
  const files = fileHost({ samples, store })
  return {
    ...files,
    async recents() {
      const known = (await files.recents()).filter(({ path }) => reach.reads(path))
      const there = given.flatMap((place) => modelsIn(place).map((path) => listed(path, place, known)))
      return [...there, ...known.filter(({ path }) => !there.some((one) => one.path === path))]
    },
    async noteOpened(recent) {
      // Uploads end with the host: there would be nothing to open again.
      if (!recent.path.startsWith(uploads)) await files.noteOpened(recent)
    },
    uploaded: (upload) => uploadedModel(uploads, upload),
  }
}

/** The models of a place given at start, those that lie least deep first. */
function modelsIn(place: string): string[] {
  const found = statSync(place, { throwIfNoEntry: false })
  const models = isModel(place) && found?.isFile() ? [place] : []
  let folders = found?.isDirectory() ? [place] : []
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

/** A model of a place, called by its way from there. */
function listed(path: string, place: string, known: readonly Recent[]): Recent {
  const before = known.find((one) => one.path === path)
  const { bytes, openedAt } = before ?? { bytes: statSync(path).size, openedAt: null }
  return { path, name: relative(place, path) || basename(path), bytes, openedAt, place }
}

/** An upload is a folder of the files that were dropped together; its model is the one .onnx file in it. */
function uploadedModel(uploads: string, upload: string): string | null {
  if (!/^[0-9a-f-]{36}$/.test(upload)) return null
  const folder = join(uploads, upload)
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return null
  const model = readdirSync(folder).find(isModel)
  return model === undefined ? null : join(folder, model)
}
