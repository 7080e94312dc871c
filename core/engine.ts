import { benchFiles } from './engine/bench.ts'
import { compareFiles } from './engine/comparison.ts'
import { describeDataset } from './engine/dataset.ts'
import { diffRequest } from './engine/diff.ts'
import { exportVersion } from './engine/export.ts'
import { graphView, nodeDetail } from './engine/graph-view.ts'
import { inspect } from './engine/inspect.ts'
import type { Engine, EngineOptions } from './engine/interface.ts'
import { describe, OpenModels } from './engine/models.ts'
import { passInfos, planFor } from './engine/pipelines.ts'
import { proposeDataset, writeDataset } from './engine/propose-dataset.ts'
import { recommend } from './engine/recommend.ts'
import { runRequest } from './engine/run.ts'
import { told } from './engine/told.ts'
import { Workshop } from './engine/workshop.ts'
import { wouldChange } from './engine/would-change.ts'
import type { Pass } from './pass.ts'
import { catalogue } from './passes/catalogue.ts'
import { presetsWith } from './pipeline/presets/index.ts'
import { createRuntime } from './runtime/client.ts'
import { timeLimit } from './runtime/time-limit.ts'
import { openStore } from './store/disk-store.ts'

export type { Engine, EngineOptions } from './engine/interface.ts'
export { AskedRuntimes, type RuntimeNews, type RuntimeWish } from './runtime/asked-runtimes.ts'
export type { RuntimePort, SpawnRuntime } from './runtime/session.ts'

/** The composition root: everything below is put together here and nowhere else. Nothing is started or written before it is needed. */
export function createEngine(options: EngineOptions): Engine {
  return engineWith(options, catalogue)
}

/** An engine over other passes than the catalogue's: how tests bring in passes that misbehave. */
export function engineWith(options: EngineOptions, passes: readonly Pass[]): Engine {
  const runtime = createRuntime(options.spawnRuntime, { timeout: timeLimit() })
  const models = new OpenModels()
  let opening: Promise<Workshop> | null = null
  const openWorkshop = async () => {
    const store = await openStore(options.store)
    return new Workshop({ store, runtime, models, passes, version: options.version, clock: options.clock ?? (() => new Date()) })
  }
  const workshop = () => {
    opening ??= openWorkshop().catch((error: unknown) => {
      // Whoever mends what kept it from opening asks again.
      opening = null
      throw error
    })
    return opening
  }
  /** Errors are told as the user can use them. */
  const telling = async <T>(control: { readonly signal?: AbortSignal }, work: (at: Workshop) => Promise<T>): Promise<T> => {
    try {
      return await work(await workshop())
    } catch (error) {
      throw told(error, { store: options.store, signal: control.signal })
    }
  }
  return {
    open: async (request) => {
      const { handle, opened } = models.open(request)
      return describe(handle, opened)
    },
    reopen: async (model) => describe(model, models.reopen(model)),
    forget: (model) => models.forget(model),
    inspect: async (request) => inspect((await workshop()).find(request, 'look')),
    passes: () => passInfos(passes),
    presets: () => presetsWith(passes),
    plan: async (request) => planFor(request, passes),
    run: (request, control = {}) => telling(control, (at) => runRequest(at, request, control)),
    bench: (request, control = {}) => telling(control, (at) => benchFiles(at, request, control)),
    compare: (request, control = {}) => telling(control, (at) => compareFiles(at, request, control)),
    diff: async (request) => diffRequest(await workshop(), request),
    export: (request, control = {}) => telling(control, (at) => exportVersion(at, request, control)),
    recommend: async (request) => recommend(await workshop(), request),
    graphView: async (request) => graphView((await workshop()).find(request, 'look'), request.graph),
    nodeDetail: async (request) => nodeDetail((await workshop()).find(request, 'look'), request.node),
    wouldChange: (request, control = {}) => telling(control, (at) => wouldChange(at, request, control)),
    machine: async () => (await workshop()).machine(true),
    dataset: async (request) => describeDataset(await workshop(), request),
    proposeDataset: async (request) => proposeDataset(await workshop(), request),
    writeDataset: (request) => writeDataset(request),
    close: () => runtime.close(),
  }
}
