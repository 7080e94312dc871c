/** Builds the window's part into `dist/renderer` when one of its sources is newer than the last build. */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
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
  await buildForUse()
  writeFileSync(record, stamp)
  return out
}

/** Under a test runner NODE_ENV says `test`, and the build would take React's own checks along: twice the size, half the speed. */
async function buildForUse() {
  const { NODE_ENV } = process.env
  process.env.NODE_ENV = 'production'
  try {
    const { build } = await import('vite')
    await build({ configFile: join(root, 'vite.config.ts'), logLevel: 'error' })
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
