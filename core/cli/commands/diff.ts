import type { Diff } from '../../api/diff.ts'
import { type Command, modelOf, shared } from '../command.ts'
import type { Style } from '../terminal/style.ts'
import { table } from '../terminal/table.ts'

type Pair = Diff['pairs'][number]

export const diff: Command = {
  grammar: {
    name: 'diff',
    summary: 'Tells what changed in the graph between two models',
    positionals: ['A', 'B'],
    options: [shared.allow],
  },
  async run(given, session) {
    const [a, b] = given.positionals as [string, string]
    const engine = await session.engine()
    const document = await engine.diff({
      a: { model: await modelOf(a, given, session) },
      b: { model: await modelOf(b, given, session) },
    })
    return { document, text: () => diffText(document, session.style) }
  },
}

function diffText({ summary, pairs, matchedBy }: Diff, style: Style): string {
  const rows = pairs
    .filter(({ kind }) => kind !== 'same')
    .map((pair) => [kindText(pair, style), pair.a.join(' + '), pair.b.join(' + '), pair.why])
  const changes = table(
    [
      { title: 'what' },
      { title: 'before', most: 44, cut: 'head' },
      { title: 'after', most: 44, cut: 'head' },
      { title: 'why', most: 60, expendable: 1 },
    ],
    rows,
    style.width,
  )
  const counts = Object.entries(summary).map(([kind, nodes]) => `${nodes} ${kind}`)
  const how = matchedBy === 'lineage' ? 'matched by the recorded lineage' : 'matched by structure'
  return [...(rows.length > 0 ? [changes, ''] : []), `${counts.join(', ')}  ${style.faint(`(${how})`)}`].join('\n')
}

function kindText({ kind }: Pair, style: Style): string {
  if (kind === 'removed') return style.bad('- removed')
  if (kind === 'added') return style.good('+ added')
  return style.warn(kind === 'fused' ? '⋈ fused' : '~ changed')
}
