import { randomUUID } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Recent, recentSchema, type Sample } from '../api/contract.ts'
import { manifestName } from '../api/dataset.ts'
import { byteText } from '../api/quantity.ts'
import type { Host } from '../engine/router.ts'

const mostRecents = 12

/** What is kept of a recent file. The place is the host's own, and lists of earlier versions know none. */
const keptSchema = recentSchema.omit({ place: true }).transform((kept): Recent => ({ ...kept, place: null }))

/** Samples from the installation, recent files in the store's folder. */
export function fileHost({ samples, store }: { readonly samples: string; readonly store: string }): Host {
  const recentsFile = join(store, 'recents.json')
  const turn = inTurn()
  return {
    samples: () => samplesIn(samples),
    recents: () => existingRecents(recentsFile),
    // A list for convenience: a disk that takes no more must not keep a model from being opened.
    noteOpened: (recent) => turn(() => note(recentsFile, recent)).catch(() => undefined),
  }
}

/** The text classifier first: it is what the welcome offers. */
const order = ['text-bert', 'digits-cnn']

async function samplesIn(folder: string): Promise<Sample[]> {
  const ids = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'model.onnx')))
    .map(({ name }) => name)
    .sort((a, b) => order.indexOf(a) - order.indexOf(b))
  return Promise.all(ids.map((id) => sampleAt(join(folder, id), id)))
}

async function sampleAt(folder: string, id: string): Promise<Sample> {
  const model = join(folder, 'model.onnx')
  const data = join(folder, manifestName)
  const title = /^# (.+)$/m.exec(await readFile(join(folder, 'README.md'), 'utf8'))?.[1] ?? id
  return {
    id,
    name: title,
    summary: `${title}, ${byteText((await stat(model)).size)}, with labelled data`,
    model,
    data: existsSync(data) ? data : null,
  }
}

async function existingRecents(file: string): Promise<Recent[]> {
  return (await recentsIn(file)).filter(({ path }) => existsSync(path))
}

async function recentsIn(file: string): Promise<Recent[]> {
  try {
    const recents: unknown = JSON.parse(await readFile(file, 'utf8'))
    return Array.isArray(recents) ? recents.flatMap((recent) => keptSchema.safeParse(recent).data ?? []) : []
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) return []
    throw error
  }
}

async function note(file: string, recent: Recent): Promise<void> {
  const others = (await recentsIn(file)).filter(({ path }) => path !== recent.path)
  await mkdir(dirname(file), { recursive: true })
  const fresh = `${file}.${randomUUID()}`
  try {
    await writeFile(fresh, JSON.stringify([recent, ...others].slice(0, mostRecents)))
    await rename(fresh, file)
  } finally {
    await rm(fresh, { force: true })
  }
}

/** One after the other, so that two models opened at once are both noted. */
function inTurn(): (work: () => Promise<void>) => Promise<void> {
  let last: Promise<void> = Promise.resolve()
  return (work) => {
    last = last.then(work, work)
    return last
  }
}
