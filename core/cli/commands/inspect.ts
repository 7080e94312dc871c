import { type Command, modelOf, shared } from '../command.ts'
import { inspectionText } from '../show/inspection.ts'

export const inspect: Command = {
  grammar: {
    name: 'inspect',
    summary: 'Reads a model and tells what it is made of; runs nothing',
    positionals: ['MODEL'],
    options: [shared.allow],
  },
  async run(given, session) {
    const engine = await session.engine()
    const document = await engine.inspect({ model: await modelOf(given.positionals[0]!, given, session) })
    return { document, text: () => inspectionText(document, session.style) }
  },
}
