import { readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Recent } from '../api/contract.ts'
import type { Host } from '../engine/router.ts'
import { fileHost } from './file-host.ts'
import type { EngineSettings } from './messages.ts'
import type { Reach } from './reach.ts'

/** Models of a folder given at start that are listed, and how deep they are looked for. */
const mostListed = 40
const deepest = 2

/** What a page is told of files: the samples, what it may open of what was open before or given at start, and its uploads. */
export function pageHost({ samples, store, uploads, given }: EngineSettings, reach: Reach): Host {
  const files = fileHost({ samples, store })
  return {
    ...files,
    async recents() {
      const known = (await files.recents()).filter(({ path }) => reach.reads(path))
      const fresh = given.flatMap((place) => modelsAt(place, 0)).filter((path) => !known.some((one) => one.path === path))
      return [...known, ...fresh.slice(0, mostListed).map(notOpened)]
    },
    async noteOpened(recent) {
      // Uploads end with the host: there would be nothing to open again.
      if (!recent.path.startsWith(uploads)) await files.noteOpened(recent)
    },
    uploaded: (upload) => uploadedModel(uploads, upload),
  }
}

function modelsAt(place: string, depth: number): string[] {
  const found = statSync(place, { throwIfNoEntry: false })
  if (!found?.isDirectory()) return found?.isFile() && isModel(place) ? [place] : []
  const entries = readdirSync(place, { withFileTypes: true }).filter(({ name }) => !name.startsWith('.'))
  const models = entries.filter((entry) => entry.isFile() && isModel(entry.name)).map(({ name }) => join(place, name))
  const folders = depth < deepest ? entries.filter((entry) => entry.isDirectory() && entry.name !== 'node_modules') : []
  return [...models, ...folders.flatMap(({ name }) => modelsAt(join(place, name), depth + 1))]
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
