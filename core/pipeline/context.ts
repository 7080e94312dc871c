import type { Model } from '../ir/model.ts'
import { median } from '../measure/statistics.ts'
import type { PassContext, Timed } from '../pass.ts'
import type { TimeResult } from '../runtime/session.ts'
import { type Borders, inputSources } from './borders.ts'
import { type Place, sessionOf, type Workbench } from './place.ts'

export interface ContextInput {
  readonly place: Place
  /** How the source's samples feed the version that the pass gets. */
  readonly borders: Borders
  /** What the pass's own remembered results depend on besides the keys that it gives: the version it gets, the data, the runtime. */
  readonly scope: Readonly<Record<string, unknown>>
  readonly progress: (done: number, of: number) => void
  readonly signal: AbortSignal
}

/** Samples that run at once while values are observed. */
const observedBatch = 16

const protocol = { rounds: 31, warmup: 3, seed: 1 }

function withFiles<T>(workbench: Workbench, models: readonly Model[], work: (paths: readonly string[]) => Promise<T>): Promise<T> {
  const [first, ...others] = models
  if (first === undefined) return work([])
  return workbench.withFile(first, (path) => withFiles(workbench, others, (paths) => work([path, ...paths])))
}

/** Each version was loaded twice, since where its memory happens to lie makes it faster or slower for as long as it lives. */
export function timedTwice({ runs }: Pick<TimeResult, 'runs'>): Timed {
  const versions = runs.length / 2
  const pairs = runs.slice(0, versions).map((own, version) => [own, runs[version + versions] ?? own] as const)
  return {
    runs: pairs.map(([first, second]) => first.map((time, round) => (time + (second[round] ?? time)) / 2)),
    copies: pairs,
    floor: Math.max(0, ...pairs.map(([first, second]) => Math.abs(median(first) / median(second) - 1))),
  }
}

/** What times on this machine depend on, whichever model is timed. */
function machineScope({ machine, provider, threads }: Place): Readonly<Record<string, unknown>> {
  const { cpu, cores, features, runtime } = machine
  return { cpu, cores, features, runtime: runtime.version, provider, threads, protocol }
}

/** What a pass can reach: the runtime starts with the first model that it runs. */
export function passContext({ place, borders, scope, progress, signal }: ContextInput): PassContext {
  const { data, runtime, store, workbench } = place
  return {
    execute: (model, feeds, wanted) =>
      workbench.withFile(model, (path) => runtime.execute({ session: sessionOf(place, path, 'disabled'), feeds, wanted }, { signal })),
    observe: (model, samples, calls) =>
      workbench.withFile(model, (path) => {
        const outputs = new Set(model.graph.outputs.map(({ name }) => name))
        const expose = [...new Set(calls.flatMap(({ values }) => values.map(({ name }) => name)))].filter((name) => !outputs.has(name))
        const session = { ...sessionOf(place, path, 'disabled'), expose }
        const batch = samples.inputs.some(({ whole }) => whole === true) ? 1 : observedBatch
        return runtime.observe(
          { sessions: [session], samples, batch, calls, io: [inputSources(borders)] },
          { signal, onProgress: progress },
        )
      }),
    evaluate: (model) => place.evaluate(model, borders),
    time: (models, feeds) =>
      withFiles(workbench, models, async (paths) => {
        const sessions = paths.map((path) => sessionOf(place, path, 'all'))
        return timedTwice(await runtime.time({ sessions: [...sessions, ...sessions], feeds: [feeds], ...protocol }, { signal }))
      }),
    dataset: data === null ? null : { calibration: data.calibration?.table ?? null, selection: data.selection?.table ?? null },
    target: place.target,
    machine: place.machine,
    async memo(key, make, about = 'version') {
      if (!place.cache) return make()
      const around = about === 'machine' ? { kind: 'machine', ...machineScope(place) } : { kind: 'pass', ...scope }
      return (await store.memo({ ...around, key }, make)).value
    },
    progress,
    signal,
  }
}
