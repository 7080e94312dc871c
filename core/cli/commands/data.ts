import type { DataProposal } from '../../api/proposal.ts'
import { quantity } from '../../api/quantity.ts'
import { type Command, modelOf } from '../command.ts'
import type { Style } from '../terminal/style.ts'
import { pairs, table } from '../terminal/table.ts'
import { milliseconds } from '../terminal/units.ts'

export const data: Command = {
  grammar: {
    name: 'data',
    summary: 'Proposes a dataset manifest for a model and a folder of samples, and shows the first of them as the model takes them in',
    positionals: ['MODEL', 'FOLDER'],
    options: [
      { name: 'write', summary: 'write the manifest to FOLDER/dataset.json' },
      { name: 'replace', summary: 'write over a manifest that is there' },
    ],
  },
  async run(given, session) {
    const [model, folder] = given.positionals as [string, string]
    const engine = await session.engine()
    const document = await engine.proposeDataset({ model: await modelOf(model, given, session), folder })
    const write = given.flag('write') || given.flag('replace')
    if (write) await engine.writeDataset({ folder: document.folder, manifest: document.manifest, replace: given.flag('replace') })
    return { document, text: () => proposalText(document, write, session.style) }
  },
}

function proposalText(proposal: DataProposal, written: boolean, style: Style): string {
  const { manifest, because, path, exists, choices } = proposal
  const parts = [
    style.strong(written ? `Written to ${path}` : `Proposed for ${path}`),
    JSON.stringify(manifest, null, 2),
    because.length === 0 ? '' : pairs(because.map(({ at, why }) => [at, style.faint(why)])),
    choices.columns.length === 0 ? '' : style.faint(`arrays or columns that are no inputs: ${choices.columns.join(', ')}`),
    previewText(proposal, style),
    written
      ? ''
      : style.faint(
          exists ? 'The folder has a manifest already; --replace writes over it.' : 'Write it with --write, or copy and change it.',
        ),
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

/** Characters of the written-out numbers. */
const textWidth = 72

const shortened = (text: string): string => (text.length > textWidth ? `${text.slice(0, textWidth - 1)}…` : text)

const figure = (value: number): string => String(Number(value.toPrecision(4)))

function previewText({ preview }: DataProposal, style: Style): string {
  if ('unavailable' in preview) return style.bad(`No sample could be read: ${preview.unavailable}`)
  const { samples, notes, calibration, evaluation, preparationMs } = preview
  const rows = samples.flatMap(({ inputs, label }, at) => [
    ...inputs.map(({ name, type, text, least, greatest }, input) => [
      input === 0 ? String(at) : '',
      name,
      type,
      `${figure(least)} to ${figure(greatest)}`,
      shortened(text),
    ]),
    ...(label === null ? [] : [['', 'label', '', '', label]]),
  ])
  const titles = ['sample', 'input', 'type', 'range', 'first numbers'].map((title) => ({ title }))
  const time = preparationMs === 0 ? '' : `; those shown took ${milliseconds(preparationMs)} ms to prepare`
  const counts = `${quantity(evaluation, 'sample')} to judge on, ${calibration} to calibrate with${time}`
  return [table(titles, rows, style.width), style.faint(counts), ...notes.map((note) => style.faint(note))].join('\n')
}
