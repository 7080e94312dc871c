import { implement, ORPCError } from '@orpc/server'
import { contract, type Recent, type Sample } from '../api/contract.ts'
import { type Problem, ProblemError, problemOf } from '../api/problem.ts'
import { reportPage } from '../report/html/page.ts'
import type { Engine } from './interface.ts'
import { RunBook } from './runs.ts'
import { stepsOf } from './steps.ts'

/** What a host knows and the engine does not. */
export interface Host {
  /** Models that come with the installation. */
  samples(): Promise<Sample[]>
  recents(): Promise<Recent[]>
  noteOpened(recent: Recent): Promise<void>
  /** Path of an uploaded file; absent where files are opened in place. */
  uploaded?(upload: string): string | null
}

/** The contract over an engine, ready to be served over a port or a socket. A missing handler is a compile error. */
export function createRouter(engine: Engine, host: Host) {
  const runs = new RunBook(engine)
  const os = implement(contract).use(async ({ next, errors }) => {
    try {
      return await next()
    } catch (error) {
      if (!(error instanceof Error) || error.name === 'AbortError') throw error
      const problem = badRequest(error) ?? problemOf(error)
      throw errors.PROBLEM({ message: problem.what, data: problem })
    }
  })
  const open = opener(engine, host)
  return os.router({
    models: {
      open: os.models.open.handler(({ input }) => open(input.path, input.confirm)),
      openUpload: os.models.openUpload.handler(({ input }) => engine.open({ path: uploadedPath(host, input.upload) })),
      reopen: os.models.reopen.handler(({ input }) => engine.reopen(input.model)),
      close: os.models.close.handler(({ input }) => {
        engine.forget(input.model)
        return {}
      }),
      samples: os.models.samples.handler(() => host.samples()),
      recents: os.models.recents.handler(() => host.recents()),
      inspect: os.models.inspect.handler(({ input }) => engine.inspect(input)),
      graphView: os.models.graphView.handler(({ input }) => engine.graphView(input)),
      nodeDetail: os.models.nodeDetail.handler(({ input }) => engine.nodeDetail(input)),
      diff: os.models.diff.handler(({ input }) => engine.diff(input)),
      compare: os.models.compare.handler(({ input, signal }) => stepsOf(runs, (control) => engine.compare(input, control), signal)),
      bench: os.models.bench.handler(({ input, signal }) => stepsOf(runs, (control) => engine.bench(input, control), signal)),
      export: os.models.export.handler(({ input, signal }) => engine.export(input, { signal })),
    },
    pipelines: {
      passes: os.pipelines.passes.handler(() => [...engine.passes()]),
      presets: os.pipelines.presets.handler(() => [...engine.presets()]),
      plan: os.pipelines.plan.handler(({ input }) => engine.plan(input)),
      wouldChange: os.pipelines.wouldChange.handler(({ input, signal }) => engine.wouldChange(input, { signal })),
      recommend: os.pipelines.recommend.handler(({ input }) => engine.recommend(input)),
    },
    runs: {
      start: os.runs.start.handler(async ({ input }) => ({ run: await runs.start(input) })),
      events: os.runs.events.handler(({ input, signal }) => runs.events(input.run, input.after, signal)),
      cancel: os.runs.cancel.handler(({ input }) => {
        runs.cancel(input.run)
        return {}
      }),
      list: os.runs.list.handler(() => runs.list()),
      report: os.runs.report.handler(({ input }) => runs.report(input.run)),
      reportPage: os.runs.reportPage.handler(({ input }) => ({ html: reportPage(runs.report(input.run)) })),
    },
    machine: os.machine.handler(() => engine.machine()),
    dataset: os.dataset.handler(({ input }) => engine.dataset(input)),
    datasets: {
      propose: os.datasets.propose.handler(({ input }) => engine.proposeDataset(input)),
      write: os.datasets.write.handler(({ input }) => engine.writeDataset(input)),
    },
  })
}

/** Opens a model and lets the host note it among the recent ones. */
function opener(engine: Engine, host: Host) {
  return async (path: string, confirm?: string[]) => {
    const opened = await engine.open({ path, confirm })
    await host.noteOpened({ path: opened.path, name: opened.name, bytes: opened.bytes, openedAt: new Date().toISOString(), place: null })
    return opened
  }
}

/** What the contract's own check says of a request that does not fit it. */
function badRequest(error: Error): Problem | null {
  if (!(error instanceof ORPCError) || error.code !== 'BAD_REQUEST') return null
  const issue = (error.data as { issues?: readonly { message: string; path?: readonly PropertyKey[] }[] } | undefined)?.issues?.[0]
  const path = (issue?.path ?? []).map(String).join('.')
  return {
    kind: 'input',
    code: 'bad-request',
    what: `The request does not fit the contract: ${issue?.message ?? error.message}`,
    where: path === '' ? {} : { path },
    mend: 'Correct the request; a page from before an update must be loaded again.',
  }
}

function uploadedPath(host: Host, upload: string): string {
  const path = host.uploaded?.(upload) ?? null
  if (path !== null) return path
  throw new ProblemError({
    kind: 'input',
    code: 'unknown-upload',
    what: `There is no uploaded file '${upload}'`,
    where: {},
    mend: 'Upload the file again; uploads are kept as long as the host runs.',
  })
}
