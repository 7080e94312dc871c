/**
 * Who may import whom. A layer is a folder under `core/` (or one of its single files), `electron` or `renderer`; a folder may always
 * import itself. The table stands in docs/architecture.md with its reasons.
 */
const rewriting = ['rewrite', 'shapes', 'axes', 'ir', 'api']
const algorithms = ['pass', 'measure/statistics', 'structure', 'targets', 'shapes', 'axes', 'ir', 'api']
const everythingBelowTheEngine = [
  ...['api', 'ir', 'store', 'onnx', 'shapes', 'axes', 'rewrite', 'observe', 'structure', 'diff', 'rules', 'targets', 'quantize'],
  ...['pass', 'passes', 'runtime', 'runtime/session', 'data', 'measure', 'tflite', 'pipeline', 'report'],
]

const mayImport: Readonly<Record<string, readonly string[]>> = {
  api: [],
  ir: [],
  store: ['ir', 'api'],
  onnx: ['ir', 'api'],
  shapes: ['ir', 'api'],
  axes: ['ir', 'shapes', 'api'],
  rewrite: ['ir', 'api'],
  observe: ['ir', 'api'],
  structure: ['ir', 'shapes', 'rewrite', 'rules', 'api'],
  diff: ['ir', 'api', 'structure', 'shapes'],
  rules: rewriting,
  targets: rewriting,
  pass: ['ir', 'api', 'observe', 'store', 'runtime/session'],
  quantize: algorithms,
  passes: [...new Set([...rewriting, ...algorithms, 'store', 'onnx', 'observe', 'rules', 'targets', 'quantize', 'runtime/session'])],
  'data/random': [],
  'measure/statistics': ['api', 'data/random'],
  'runtime/session': ['ir', 'observe', 'store', 'api'],
  runtime: ['ir', 'observe', 'store', 'runtime/session', 'api'],
  data: ['api', 'ir', 'axes', 'store', 'runtime/session'],
  measure: ['api', 'ir', 'onnx', 'observe', 'shapes', 'structure', 'data', 'runtime/session', 'store'],
  tflite: ['ir', 'axes', 'shapes', 'targets', 'quantize', 'api'],
  pipeline: everythingBelowTheEngine,
  report: everythingBelowTheEngine,
  engine: everythingBelowTheEngine,
  'cli/spawn-runtime': ['engine', 'api'],
  'store/cache-folder': ['api'],
  'store/scratch': ['store'],
  cli: ['engine', 'api', 'cli/spawn-runtime', 'store/cache-folder', 'web'],
  web: ['engine', 'api', 'cli/spawn-runtime', 'store/cache-folder', 'store/scratch', 'web/file-host'],
  'web/file-host': ['engine', 'api', 'web'],
  electron: ['engine', 'api', 'store/cache-folder', 'web/file-host'],
  renderer: ['api'],
}

const why: Readonly<Record<string, string>> = {
  api: 'it is what crosses a process border and must stand alone',
  ir: 'everything stands on it, so it stands on nothing',
  passes: 'a pass reaches the world only through its PassContext, and never runs a model itself',
  quantize: 'an algorithm is called by a pass and reaches the world only through what it is given',
  rules: 'a rule is data about graphs: it never runs a model and knows no pass',
  measure: 'it sees the runtime only through its interface, runtime/session.ts',
  renderer: 'it holds no weights and talks to the engine through core/api alone',
  electron: 'a host composes the engine and speaks its API; it knows nothing inside',
  cli: 'a host composes the engine and speaks its API; it knows nothing inside',
  web: 'a host composes the engine and speaks its API; it knows nothing inside',
}

const singleFiles: Readonly<Record<string, string>> = {
  'core/pass.ts': 'pass',
  'core/engine.ts': 'engine',
  'core/runtime/session.ts': 'runtime/session',
  'core/data/random.ts': 'data/random',
  'core/measure/statistics.ts': 'measure/statistics',
  'core/cli/spawn-runtime.ts': 'cli/spawn-runtime',
  'core/store/cache-folder.ts': 'store/cache-folder',
  'core/store/scratch.ts': 'store/scratch',
  'core/web/file-host.ts': 'web/file-host',
}

/** The layer of a path, `null` outside the three trees. */
export function layerOf(path: string): string | null {
  const single = singleFiles[path]
  if (single) return single
  const [top, folder, ...rest] = path.split('/')
  if (top === 'electron' || top === 'renderer') return top
  if (top !== 'core' || folder === undefined) return null
  return rest.length > 0 ? folder : folder.replace(/\.ts$/, '')
}

/** Why `from` may not import `to`, or `null` when it may. */
export function objection(from: string, to: string): string | null {
  const allowed = mayImport[from]
  if (!allowed) return `"${from}" has no row in the import table: give it one in docs/architecture.md and test/tidy/layers.ts`
  // Who may import a folder may import those of its files that others may import alone.
  if ([from, ...allowed].some((open) => open === to || open === to.split('/')[0])) return null
  // The interface of the runtime belongs to its folder; only the others are kept from the rest of it.
  if (from === 'runtime/session' && to === 'runtime') return null
  const list = allowed.length > 0 ? `only ${allowed.join(', ')}` : 'nothing of ours'
  return `${from} may import ${list}${why[from] ? `: ${why[from]}` : ''}`
}
