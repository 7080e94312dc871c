/**
 * Builds the window's part into `dist/renderer` when one of its sources is newer than the last build.
 *
 * Several processes may build at once, and pages of an earlier build may be open: each builds in a folder of its own and moves the files
 * over, those named by their content before the page that names them.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { dist, root } from './build.mjs'

const out = join(dist, 'renderer')
const record = join(dist, 'renderer.json')
const watched = ['renderer', 'core/api', 'vite.config.ts', 'package-lock.json', 'bin/renderer.mjs']

/**
 * Makes `dist/renderer` current.
 * @returns {Promise<string>} the folder with `index.html`
 */
export async function ensureRenderer() {
  // An installed package holds the built window without its sources.
  if (!existsSync(join(root, 'renderer'))) return out
  const stamp = stampOf(watched)
  if (existsSync(join(out, 'index.html')) && lastStamp() === stamp) return out
  const workshop = join(dist, `.building-renderer-${process.pid}`)
  try {
    await buildForUse(workshop)
    publish(workshop)
    writeFileSync(record, stamp)
  } finally {
    rmSync(workshop, { recursive: true, force: true })
  }
  return out
}

const page = 'index.html'
const staleAgeMs = 60 * 60 * 1000

function publish(workshop) {
  const built = filesUnder(workshop).map((file) => file.slice(workshop.length + 1))
  for (const name of [...built.filter((file) => file !== page), page]) {
    mkdirSync(dirname(join(out, name)), { recursive: true })
    renameSync(join(workshop, name), join(out, name))
  }
  // A page that is open may still ask for a part of its own build, so those go only after a while.
  const oldest = Date.now() - staleAgeMs
  for (const file of filesUnder(out)) {
    const stat = statSync(file, { throwIfNoEntry: false })
    if (stat && stat.mtimeMs < oldest && !built.includes(file.slice(out.length + 1))) rmSync(file, { force: true })
  }
}

/** Under a test runner NODE_ENV says `test`, and the build would take React's own checks along: twice the size, half the speed. */
async function buildForUse(outDir) {
  const { NODE_ENV } = process.env
  process.env.NODE_ENV = 'production'
  try {
    const { build } = await import('vite')
    await build({ configFile: join(root, 'vite.config.ts'), logLevel: 'error', build: { outDir } })
  } finally {
    if (NODE_ENV === undefined) delete process.env.NODE_ENV
    else process.env.NODE_ENV = NODE_ENV
  }
}

function lastStamp() {
  return existsSync(record) ? readFileSync(record, 'utf8') : null
}

function stampOf(paths) {
  const files = paths.flatMap((path) => filesUnder(join(root, path))).sort()
  return files.map((file) => `${file}:${statSync(file).size}:${statSync(file).mtimeMs}`).join('\n')
}

function filesUnder(path) {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .map((name) => join(path, name))
    .filter((file) => statSync(file).isFile())
}
