import { suggestion } from '../../api/nearest.ts'
import { targetSchema } from '../../api/pipeline.ts'
import type { Report } from '../../api/report.ts'
import type { RunRequest } from '../../api/requests.ts'
import type { Arguments } from '../arguments.ts'
import { type Command, modelOf, runtimeChoice, type Session, shared } from '../command.ts'
import { followRun } from '../show/events.ts'
import { reportText } from '../show/report.ts'
import { usageError } from '../usage.ts'

export const run: Command = {
  grammar: {
    name: 'run',
    summary: 'Runs a pipeline on a model, measures every layer of the result, and writes it',
    positionals: ['MODEL'],
    options: [
      { name: 'pipeline', value: 'FILE|PRESET', summary: 'a pipeline file, or a preset: safe, cpu-int8, cpu-int8-static ...' },
      { name: 'out', value: 'DIR', summary: 'folder for the models, report.json, report.html, report.md, pipeline.json and lineage.json' },
      shared.data,
      shared.skipBroken,
      shared.target,
      { name: 'set', value: 'STAGE.OPTION=JSON', many: true, summary: 'another value for an option of a stage; may be repeated' },
      shared.threads,
      shared.provider,
      shared.rounds,
      { name: 'seed', value: 'N', summary: 'seed of generated inputs and of the order in which versions are timed' },
      { name: 'no-verify', summary: 'do not compare outputs after each pass' },
      { name: 'no-measure', summary: 'do not measure; implies --no-verify, and nothing runs but what a pass runs itself' },
      { name: 'no-cache', summary: 'compute everything anew' },
      { name: 'external-data', summary: 'put the weights into model.onnx.data (always so past 2 GiB)' },
      shared.allow,
    ],
  },
  async run(given, session) {
    const engine = await session.engine()
    const request = await requestOf(given, session)
    const report = await engine.run(request, { signal: session.signal, onEvent: followRun(session.progress, session.errorStyle) })
    return { document: report, text: () => reportText(report, given.required('out'), session.style), failed: couldNotBeDone(report) }
  },
}

async function requestOf(given: Arguments, session: Session): Promise<RunRequest> {
  const pipeline = given.required('pipeline')
  const out = given.required('out')
  const target = targetOf(given)
  const rounds = given.integer('runs')
  const seed = given.integer('seed', 0)
  const measure = !given.flag('no-measure')
  return {
    model: await modelOf(given.positionals[0]!, given, session),
    pipeline,
    out,
    data: given.text('data') ?? null,
    skipBroken: given.flag('skip-broken'),
    set: [...given.texts('set')],
    ...runtimeChoice(given),
    ...(target === undefined ? {} : { target }),
    ...(rounds === undefined ? {} : { rounds }),
    ...(seed === undefined ? {} : { seed }),
    measure,
    verify: measure && !given.flag('no-verify'),
    cache: !given.flag('no-cache'),
    externalData: given.flag('external-data'),
    confirm: [...given.texts('allow-external')],
  }
}

/** @throws ProblemError of kind `usage` for a target that does not exist. */
export function targetOf(given: Arguments): RunRequest['target'] {
  const typed = given.text('target')
  if (typed === undefined) return undefined
  const target = targetSchema.safeParse(typed)
  if (target.success) return target.data
  throw usageError('unknown-target', `There is no target "${typed}"`, suggestion(typed, targetSchema.options))
}

function couldNotBeDone({ candidates }: Report): boolean {
  return candidates.some(({ problem }) => problem !== undefined)
}
