import type { PassInfo } from '../../api/pipeline.ts'
import type { Command } from '../command.ts'
import type { Style } from '../terminal/style.ts'
import { table } from '../terminal/table.ts'

export const passes: Command = {
  grammar: { name: 'passes', summary: 'Lists the passes that a pipeline can be made of, and their options', positionals: [], options: [] },
  async run(_given, session) {
    const document = (await session.engine()).passes()
    return { document, text: () => document.map((pass) => passText(pass, session.style)).join('\n\n') }
  },
}

function passText({ id, summary, family, fidelity, options }: PassInfo, style: Style): string {
  const head = `${style.strong(id)}  ${style.faint(`${family}, ${fidelity}`)}\n  ${summary}`
  const rows = Object.entries(propertiesOf(options)).map(([name, schema]) => [`  ${name}`, kindOf(schema), schema.description ?? ''])
  if (rows.length === 0) return head
  const [, , ...lines] = table([{ title: '' }, { title: '' }, { title: '' }], rows).split('\n')
  return [head, ...lines].join('\n')
}

/** The part of a JSON schema that is shown of an option. */
interface OptionSchema {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly default?: unknown
  readonly description?: string
}

function propertiesOf(options: PassInfo['options']): Readonly<Record<string, OptionSchema>> {
  return (options.properties ?? {}) as Readonly<Record<string, OptionSchema>>
}

function kindOf({ type, enum: choices, default: initial }: OptionSchema): string {
  const kind = choices ? choices.map(String).join('|') : (type ?? '')
  return initial === undefined ? kind : `${kind} = ${JSON.stringify(initial)}`
}
