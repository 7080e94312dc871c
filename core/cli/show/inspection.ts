import type { Inspection } from '../../api/inspection.ts'
import type { Style } from '../terminal/style.ts'
import { pairs, shorten, table } from '../terminal/table.ts'
import { bytes, count } from '../terminal/units.ts'

/** Rows of a section before it is cut; `--json` has all of them. */
const mostRows = 20

/** What `inspect` prints for people. */
export function inspectionText(inspection: Inspection, style: Style): string {
  const sections: readonly (readonly [string, string])[] = [
    ['operators', operators(inspection)],
    ['layers', layers(inspection, style)],
    ['structure', structure(inspection)],
    ['can be fused', fusable(inspection)],
    ['nearly', nearMisses(inspection, style)],
    ['sensitive to low precision', sensitive(inspection)],
    ['warnings', inspection.warnings.map((warning) => style.warn(warning)).join('\n')],
  ]
  const shown = sections.filter(([, text]) => text !== '').map(([title, text]) => `${style.strong(title)}\n${indented(text)}`)
  return [header(inspection), ...shown].join('\n\n')
}

function header({ model }: Inspection): string {
  const opsets = Object.entries(model.opsets).map(([domain, version]) => `${domain || 'ai.onnx'} ${version}`)
  const nodes = model.nodesDeep === model.nodes ? count(model.nodes) : `${count(model.nodes)} (${count(model.nodesDeep)} with subgraphs)`
  return pairs([
    ['model', model.path],
    ['made by', model.producer === '' ? 'unknown' : model.producer],
    ['size', `${bytes(model.bytes)}, ${count(model.parameters)} parameters`],
    ['nodes', nodes],
    ['opsets', `${opsets.join(', ')} (IR ${model.irVersion})`],
    ['inputs', model.inputs.map(typed).join(', ')],
    ['outputs', model.outputs.map(typed).join(', ')],
  ])
}

function typed({ name, dtype, shape }: Inspection['model']['inputs'][number]): string {
  return `${name} ${dtype}${shape === null ? '' : `[${shape.map((dim) => dim ?? '?').join(', ')}]`}`
}

function operators({ ops }: Inspection): string {
  return Object.entries(ops)
    .sort(([, a], [, b]) => b - a)
    .map(([op, times]) => `${op} ${times}`)
    .join(', ')
}

function layers({ layers }: Inspection, style: Style): string {
  const rows = layers.map(({ name, role, part, nodes }) => [name, part ?? role, count(nodes.length)])
  return cut([{ title: 'layer', most: 60 }, { title: 'role' }, { title: 'nodes', align: 'right' }], rows, style)
}

function structure({ structure: { attention, feedForward, norms, blocks, stages } }: Inspection): string {
  const lines: string[] = []
  if (attention.length > 0) lines.push(`attention      ${attention.length}, ${distinct(attention.map(headsText))}`)
  if (feedForward.length > 0) lines.push(`feed-forward   ${feedForward.length} (${distinct(feedForward.map(({ kind }) => kind))})`)
  if (norms.length > 0) lines.push(`normalization  ${norms.length} (${distinct(norms.map(({ kind }) => kind))})`)
  for (const block of blocks) lines.push(`repeated       ${block.count} x ${block.name}`)
  if (stages.length > 1) lines.push(`stages         ${stages.length}: ${stages.map(stageText).join('; ')}`)
  return lines.join('\n')
}

const stageText = ({ size, channels, nodes }: Inspection['structure']['stages'][number]): string =>
  `${nodes.length} at ${size.map((dim) => (typeof dim === 'number' ? dim : `(${dim})`)).join('x')}${channels === null ? '' : `, ${channels} channels`}`

function headsText({ heads, kvHeads, headSize }: Inspection['structure']['attention'][number]): string {
  const keyValue = kvHeads !== null && kvHeads !== heads ? `, ${kvHeads} key/value heads` : ''
  return `${heads ?? '?'} heads of ${headSize ?? '?'}${keyValue}`
}

function distinct(names: readonly string[]): string {
  return [...new Set(names)].join('; ')
}

function fusable({ fusable }: Inspection): string {
  if (fusable.length === 0) return ''
  return table(
    [{ title: 'rule' }, { title: 'places', align: 'right' }],
    fusable.map(({ rule, count: places }) => [rule, count(places)]),
  )
}

function nearMisses({ nearMisses }: Inspection, style: Style): string {
  const rows = nearMisses.map(({ rule, reason, at }) => [rule, shorten(at, 40), reason])
  return cut([{ title: 'rule' }, { title: 'at' }, { title: 'why not' }], rows, style)
}

/** Layers by why they are sensitive, which many have in common. */
function sensitive({ layers, sensitive }: Inspection): string {
  const names = new Map(layers.map(({ id, name }) => [id, name]))
  const byReason = new Map<string, string[]>()
  for (const { layer, reason } of sensitive) byReason.set(reason, [...(byReason.get(reason) ?? []), names.get(layer) ?? layer])
  return [...byReason].map(([reason, found]) => `${reason}\n${indented(namesOf(found))}`).join('\n')
}

/** Names of layers that are told below one reason. */
const mostNames = 6

function namesOf(names: readonly string[]): string {
  const shown = names.slice(0, mostNames).join('\n')
  return names.length <= mostNames ? shown : `${shown}\n… and ${names.length - mostNames} more`
}

function cut(columns: Parameters<typeof table>[0], rows: readonly (readonly string[])[], style: Style): string {
  if (rows.length === 0) return ''
  const text = table(columns, rows.slice(0, mostRows))
  return rows.length <= mostRows ? text : `${text}\n${style.faint(`… and ${rows.length - mostRows} more; --json has all`)}`
}

function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`.trimEnd())
    .join('\n')
}
