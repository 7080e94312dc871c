import type { Recommendation } from '../../api/answers.ts'
import { type Command, modelOf, shared } from '../command.ts'
import { table } from '../terminal/table.ts'
import { targetOf } from './run.ts'

export const recommend: Command = {
  grammar: {
    name: 'recommend',
    summary: 'Proposes a pipeline for a model, with the reason for each stage',
    positionals: ['MODEL'],
    options: [shared.data, shared.target, shared.allow],
  },
  async run(given, session) {
    const engine = await session.engine()
    const target = targetOf(given)
    const document = await engine.recommend({
      model: await modelOf(given.positionals[0]!, given, session),
      data: given.text('data') ?? null,
      ...(target === undefined ? {} : { target }),
    })
    return { document, text: () => recommendationText(document) }
  },
}

function recommendationText({ pipeline, reasons }: Recommendation): string {
  const because = new Map(reasons.map((reason) => [reason.stage, reason.because]))
  const rows = pipeline.stages.map(({ id, pass, options }) => [id, pass, JSON.stringify(options), because.get(id) ?? ''])
  return table([{ title: 'stage' }, { title: 'pass' }, { title: 'options', most: 50 }, { title: 'because' }], rows)
}
