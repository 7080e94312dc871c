import type { Opened } from '../api/answers.ts'
import { isHandle } from '../api/handle.ts'
import type { DiffRequest, VersionRequest } from '../api/requests.ts'
import type { Engine } from '../engine.ts'
import type { Reach } from './reach.ts'

/**
 * The engine as a page may use it: every path in a request is first asked of `reach`, and everything else passes. This is the one place
 * where that happens; a method that the engine gains does not compile until it stands here too.
 */
export function confinedEngine(engine: Engine, reach: Reach): Engine {
  const presets = new Set(engine.presets().map(({ id }) => id))
  const read = (path: string) => reach.reading(path)
  const model = (name: string) => (isHandle(name) ? name : read(name))
  const pipeline = <T>(named: T): T => (typeof named === 'string' && !presets.has(named) ? (read(named) as T & string) : named)
  const version = <T extends VersionRequest>(request: T): T => ({ ...request, model: model(request.model) })
  const withinReach = (opened: Opened): Opened => ({
    ...opened,
    data: opened.data !== null && reach.reads(opened.data) ? opened.data : null,
  })
  return {
    open: async (request) =>
      withinReach(await engine.open(withPaths({ ...request, path: read(request.path) }, { confirm: (paths) => paths.map(read) }))),
    reopen: async (handle) => withinReach(await engine.reopen(handle)),
    forget: (handle) => engine.forget(handle),
    inspect: async (request) => engine.inspect(version(request)),
    passes: () => engine.passes(),
    presets: () => engine.presets(),
    plan: async (request) => engine.plan({ ...request, pipeline: pipeline(request.pipeline) }),
    run: async (request, control) =>
      engine.run(
        withPaths(
          { ...request, model: model(request.model), pipeline: pipeline(request.pipeline) },
          { data: read, out: (path) => reach.writing(path), confirm: (paths) => paths.map(read) },
        ),
        control,
      ),
    bench: async (request, control) => engine.bench(withPaths({ ...request, models: request.models.map(model) }, { data: read }), control),
    compare: async (request, control) =>
      engine.compare(
        withPaths({ ...request, baseline: model(request.baseline), candidate: model(request.candidate) }, { data: read }),
        control,
      ),
    diff: async ({ a, b }: DiffRequest) => engine.diff({ a: version(a), b: version(b) }),
    export: async (request, control) =>
      engine.export(withPaths({ ...version(request), out: reach.writing(request.out) }, { verify: read }), control),
    recommend: async (request) => engine.recommend(withPaths({ ...request, model: model(request.model) }, { data: read })),
    graphView: async (request) => engine.graphView(version(request)),
    nodeDetail: async (request) => engine.nodeDetail(version(request)),
    wouldChange: async (request, control) => engine.wouldChange(version(request), control),
    machine: () => engine.machine(),
    dataset: async (request) => engine.dataset(withPaths({ ...request, path: read(request.path) }, { model })),
    proposeDataset: async (request) => engine.proposeDataset({ ...request, model: model(request.model), folder: read(request.folder) }),
    writeDataset: async (request) => engine.writeDataset({ ...request, folder: reach.writing(request.folder) }),
    close: () => engine.close(),
  }
}

/** The request with those of its optional paths that are given put through a check. */
function withPaths<T extends object>(request: T, checks: { readonly [Key in keyof T]?: (value: NonNullable<T[Key]>) => T[Key] }): T {
  const checked: T = { ...request }
  for (const [key, check] of Object.entries(checks) as [keyof T, (value: NonNullable<T[keyof T]>) => T[keyof T]][]) {
    const value = request[key]
    if (value !== undefined && value !== null) checked[key] = check(value)
  }
  return checked
}
