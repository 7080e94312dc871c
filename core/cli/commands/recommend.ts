import { suggestion } from '../../api/nearest.ts'
import { type Choices, type Decision, type DecisionId, decisionIds, type Recommendation } from '../../api/recommendation.ts'
import { type Command, modelOf, shared } from '../command.ts'
import { table } from '../terminal/table.ts'
import { usageError } from '../usage.ts'
import { targetOf } from './run.ts'

export const recommend: Command = {
  grammar: {
    name: 'recommend',
    summary: 'Proposes a pipeline for a model: the decisions that lead to it, and the reason for each stage',
    positionals: ['MODEL'],
    options: [
      shared.data,
      shared.target,
      { name: 'choose', value: 'QUESTION=ANSWER', many: true, summary: 'decide otherwise than recommended; may be repeated' },
      shared.allow,
    ],
  },
  async run(given, session) {
    const choices = choicesOf(given.texts('choose'))
    const engine = await session.engine()
    const target = targetOf(given)
    const document = await engine.recommend({
      model: await modelOf(given.positionals[0]!, given, session),
      data: given.text('data') ?? null,
      choices,
      ...(target === undefined ? {} : { target }),
    })
    return { document, text: () => recommendationText(document) }
  },
}

function choicesOf(typed: readonly string[]): Choices {
  const choices: Partial<Record<DecisionId, string>> = {}
  for (const one of typed) {
    const [question = '', answer = ''] = one.split('=', 2)
    const id = decisionIds.find((known) => known === question)
    if (id === undefined || answer === '')
      throw usageError('bad-choice', `"${one}" chooses nothing`, `Write QUESTION=ANSWER. ${suggestion(question, decisionIds)}`)
    choices[id] = answer
  }
  return choices
}

function recommendationText({ pipeline, reasons, decisions }: Recommendation): string {
  const because = new Map(reasons.map((reason) => [reason.stage, reason.because]))
  const rows = pipeline.stages.map(({ id, pass, options }) => [id, pass, JSON.stringify(options), because.get(id) ?? ''])
  const stages = table([{ title: 'stage' }, { title: 'pass' }, { title: 'options', most: 50 }, { title: 'because' }], rows)
  const unjudged = because.get('source')
  return [...decisions.map(decisionText), stages, ...(unjudged === undefined ? [] : [unjudged])].join('\n\n')
}

/** The answer with its reason, and how to choose another. */
function decisionText({ id, question, chosen, because, wished, answers, refused }: Decision): string {
  const title = answers.find((answer) => answer.id === chosen)?.title ?? chosen
  const others = answers.filter((answer) => answer.possible && answer.id !== chosen)
  return [
    `${question} ${title}${wished ? ' (as chosen)' : ''}`,
    ...(refused === null ? [] : [`  Not ${refused.answer}: ${refused.because}`]),
    `  ${because}`,
    ...(others.length === 0 ? [] : [`  or: ${others.map((answer) => `--choose ${id}=${answer.id}`).join(', ')}`]),
  ].join('\n')
}
