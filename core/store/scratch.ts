import { rmSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { isAlive } from './lock.ts'
import { makeFolder } from './make-folder.ts'

/** The owner stands in the name, so that what a killed process left can be told from what a living one needs. */
const owner = `${hostname().replaceAll(/[^A-Za-z0-9.-]/g, '-')}_${process.pid}`

const living = new Set<string>()
let watching = false

/** A new empty folder; removed when asked and, should that never happen, when the process ends. */
export async function makeScratch(root: string, label: string): Promise<{ readonly path: string; remove(): Promise<void> }> {
  await makeFolder(root, 0o700)
  const path = await mkdtemp(join(root, `${owner}_${label.replaceAll(/[^A-Za-z0-9.-]/g, '-').slice(0, 40)}_`))
  living.add(path)
  if (!watching) process.once('exit', removeAll)
  watching = true
  return {
    path,
    async remove() {
      living.delete(path)
      await rm(path, { recursive: true, force: true })
    },
  }
}

function removeAll(): void {
  for (const path of living) rmSync(path, { recursive: true, force: true })
}

/** Removes what processes of this machine left behind that are gone. */
export async function removeStaleScratch(root: string): Promise<void> {
  const [host] = owner.split('_')
  for (const name of await readdir(root).catch(() => [])) {
    const [itsHost, pid] = name.split('_')
    if (itsHost === host && pid !== undefined && !isAlive(Number(pid))) await rm(join(root, name), { recursive: true, force: true })
  }
}

/** A name for a file that is being written and will be renamed. */
let written = 0
export const partName = (): string => {
  written += 1
  return `${owner}_${written}`
}
