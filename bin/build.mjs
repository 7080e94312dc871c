/**
 * Bundles the Node entry points into `dist/` when a source is newer than its bundle, so that every command runs plain JavaScript.
 *
 * Freshness costs one `stat` per bundled source: the list of sources, with size and time, is what the last build wrote down.
 * Several processes may build at once: each builds in a folder of its own and renames file by file, shared chunks (named by their
 * content) before entry points, so that a reader finds either the old program or the new one, complete.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))
export const dist = join(root, 'dist')

/** What becomes a file of its own in `dist/`: each runs in a process or a thread of its own. */
const entries = [
  { name: 'cli', source: 'core/cli/main.ts' },
  { name: 'web-engine', source: 'core/web/engine-process.ts' },
  { name: 'runtime-worker', source: 'core/runtime/worker.ts' },
  { name: 'quantize-worker', source: 'core/quantize/worker.ts' },
  { name: 'electron-main', source: 'electron/main.ts' },
  { name: 'electron-engine', source: 'electron/engine-process.ts' },
]

/** A sandboxed preload is one CommonJS file. */
const preload = { name: 'electron-preload.cjs', source: 'electron/preload.ts' }

/** Native or WebAssembly packages, found in node_modules at run time: the `dependencies` of package.json. What is bundled is none of an installation. */
const external = ['onnxruntime-node', 'sharp', '@litertjs/core', 'electron', 'esbuild']

/** A bundle is also stale when what was installed or how it is built changed. */
const alwaysWatched = ['package-lock.json', 'bin/build.mjs']

const recordName = 'sources.json'
const licencesName = 'third-party-licences.md'
const staleChunkAgeMs = 60 * 60 * 1000

/**
 * Makes `dist/` current.
 * @returns {Promise<string>} the folder that holds `cli.mjs`, `runtime-worker.mjs`, ...
 */
export async function ensureBuilt() {
  if (!isFresh()) await build()
  return dist
}

function isFresh() {
  // An installed package holds bundles without sources.
  if (!existsSync(join(root, entries[0].source))) return true
  let record
  try {
    record = JSON.parse(readFileSync(join(dist, recordName), 'utf8'))
  } catch {
    return false
  }
  return Object.entries(record).every(([file, stamp]) => stampOf(file) === stamp)
}

function stampOf(file) {
  const stat = statSync(join(root, file), { throwIfNoEntry: false })
  return stat ? `${stat.size}:${stat.mtimeMs}` : 'absent'
}

/** A file written while the build ran may have been read before that: it gets a stamp that never matches. */
function stampSince(started, file) {
  const stat = statSync(join(root, file), { throwIfNoEntry: false })
  return stat && stat.mtimeMs < started ? stampOf(file) : 'changed during the build'
}

/** How every bundle for Node is made. */
const options = {
  absWorkingDir: root,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  external,
  sourcemap: 'linked',
  logLevel: 'error',
  // CommonJS dependencies call require(), which an ES module does not have.
  banner: {
    js: "import { createRequire as createRequireForBundle } from 'node:module';const require = createRequireForBundle(import.meta.url);",
  },
}

/**
 * Bundles one source for a single use, beside the entry points.
 * @param {string} source path from the repository root
 * @returns {Promise<string>} path of the bundle
 */
export async function bundleScript(source) {
  const { build: bundle, stop } = await import('esbuild')
  const outfile = join(dist, 'scripts', `${basename(source, '.ts')}.mjs`)
  await bundle({ ...options, entryPoints: [source], outfile })
  await stop()
  return outfile
}

async function build() {
  const { build: bundle, stop } = await import('esbuild')
  mkdirSync(dist, { recursive: true })
  const workshop = join(dist, `.building-${process.pid}`)
  try {
    const started = Date.now()
    const present = entries.filter(({ source }) => existsSync(join(root, source)))
    const { metafile } = await bundle({
      ...options,
      entryPoints: Object.fromEntries(present.map(({ name, source }) => [name, source])),
      outdir: workshop,
      outExtension: { '.js': '.mjs' },
      chunkNames: 'chunk-[hash]',
      splitting: true,
      metafile: true,
    })
    const window = await bundlePreload(bundle, workshop)
    const sources = [...Object.keys(metafile.inputs), ...window].filter((file) => !file.startsWith('node_modules/'))
    const record = [...alwaysWatched, ...sources].map((file) => [file, stampSince(started, file)])
    writeFileSync(join(workshop, licencesName), licencesOf(Object.keys(metafile.inputs)))
    writeFileSync(join(workshop, recordName), JSON.stringify(Object.fromEntries(record)))
    publish(workshop)
  } finally {
    // Its process would otherwise stay beside the command as long as that runs.
    await stop()
    rmSync(workshop, { recursive: true, force: true })
  }
}

/** @returns {Promise<string[]>} the sources it is made of */
async function bundlePreload(bundle, workshop) {
  if (!existsSync(join(root, preload.source))) return []
  const { banner: _, ...plain } = options
  const { metafile } = await bundle({
    ...plain,
    entryPoints: [preload.source],
    outfile: join(workshop, preload.name),
    format: 'cjs',
    metafile: true,
  })
  return Object.keys(metafile.inputs)
}

/**
 * The licences of the packages that are in the bundles: most ask for their text to be handed on.
 * @param {string[]} inputs files that were bundled, from the repository root
 */
function licencesOf(inputs) {
  const folders = new Set(inputs.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0] ?? []))
  const texts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
    const file = readdirSync(join(root, folder)).find((entry) => /^(licen[cs]e|copying)\b/i.test(entry))
    const text = file === undefined ? 'The package holds no text of it.' : readFileSync(join(root, folder, file), 'utf8').trim()
    return `## ${name} ${version} (${license})\n\n${text}\n`
  })
  return `# Licences of bundled packages\n\n${texts.join('\n')}`
}

/** Chunks first, then entry points, then the record that declares them fresh. */
function publish(workshop) {
  const order = (name) => (name.startsWith('chunk-') ? 0 : name === recordName ? 2 : 1)
  const built = readdirSync(workshop).sort((a, b) => order(a) - order(b))
  for (const name of built) renameSync(join(workshop, name), join(dist, name))
  dropStaleChunks(new Set(built))
}

/** A process started from the previous build may still load its chunks, so they go only after a while. */
function dropStaleChunks(current) {
  const oldest = Date.now() - staleChunkAgeMs
  for (const name of readdirSync(dist)) {
    if (!name.startsWith('chunk-') || current.has(name)) continue
    const path = join(dist, name)
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat && stat.mtimeMs < oldest) rmSync(path, { force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await build()
  process.stderr.write(`built ${entries.map(({ name }) => `${relative(root, join(dist, name))}.mjs`).join(', ')}\n`)
}
